"""What our AWS modules share: one engine (describe, compare, act, diff, wait) and one file per resource.

A resource of this package is a small class that answers five questions about one AWS resource (see
:class:`trading_platform.aws.engine.Resource`). A module in ``plugins/modules`` declares the arguments, builds the
resource and hands both to :func:`trading_platform.aws.engine.run`.
"""
