"""The embedded AWS: moto in one process, with its gaps filled and AWS's refusals enforced.

``python -m trading_platform.emulator start`` runs it as a server on 127.0.0.1; any AWS client that honours
``AWS_ENDPOINT_URL`` can talk to it. Nothing else in this package depends on it: without that variable the same
playbooks talk to AWS.

Layout: ``cli`` (the command), ``process`` (start, stop, run file), ``application`` (one WSGI application),
``extension`` (the frame that service files plug into), ``services/`` (one file or package per AWS service),
``testing`` (an isolated emulator for tests).
"""
