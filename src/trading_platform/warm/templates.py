"""Compile a template once in a run, instead of once in every worker that comes upon it.

Ansible compiles each template (a variable's value, an argument, a condition) to Python code when it first needs it. A
worker lives for one task, and what it compiled is lost with it, so ``platform_tags`` is compiled again by every task of
every host: an eighth of a run that changes nothing.
"""

import threading
from typing import Any

from trading_platform.warm import code_store


def remember(jinja_bits: Any, plugin_loaders: tuple[Any, ...], compiled: code_store.CodeStore) -> None:
    """Make Ansible's ``_internal._templating._jinja_bits`` use ``compiled`` for templates and expressions.

    There is no setting for this (Jinja's bytecode cache is for templates that have a name), so the environment's
    two methods that compile are wrapped. The code depends on the source, the options that make up the key and the
    filters and tests it names, of which a role can bring its own: ``plugin_loaders`` tell how many directories there
    are. What cannot be compiled is left to fail as it always did.
    """
    environment = jinja_bits.AnsibleEnvironment
    if environment._debuggable_template_source:  # who asks for it gets a file of Python for each compilation
        return
    compile_source, compile_expression = environment.compile, environment.compile_expression
    expression = threading.local()

    def key_of(env: Any, kind: str, source: str) -> str:
        context = jinja_bits._TemplateCompileContext.current(optional=True)
        options = tuple(getattr(env, name) for name in jinja_bits._TEMPLATE_OVERRIDE_FIELD_NAMES)
        directories = tuple(len(loader._extra_dirs) for loader in plugin_loaders)
        return repr((kind, str(source), context.escape_backslashes if context else None, options, directories))

    def compile_once(self: Any, source: Any, *args: Any, **kwargs: Any) -> Any:
        key = expression.__dict__.pop("key", None)
        if isinstance(source, str) and not args and not kwargs:
            key = key_of(self, "template", source)
            if code := compiled.get(key):
                return code
        code = compile_source(self, source, *args, **kwargs)
        if key is not None:
            compiled.put(key, code)
        return code

    def compile_expression_once(self: Any, source: str, undefined_to_none: bool = True) -> Any:
        key = key_of(self, "expression", source)
        if code := compiled.get(key):
            template = self.template_class.from_code(self, code, self.make_globals(None), None)
            return jinja_bits.TemplateExpression(template, undefined_to_none)
        expression.key = key  # for the syntax tree that is about to be compiled
        try:
            return compile_expression(self, source, undefined_to_none)
        finally:
            expression.__dict__.pop("key", None)

    environment.compile, environment.compile_expression = compile_once, compile_expression_once
