"""Run Ansible modules in a fork of the task's worker, with what every AWS module needs already imported.

The connection plugin ``warm_local`` and the callback ``warm_local_preload`` are thin shells over this package.
``docs/decisions/0002-warm-local-connection.md`` says why it exists, how it works and where it gives way to ``local``.

Nothing here imports Ansible: the controller's own copy must never be what a module sees.
"""
