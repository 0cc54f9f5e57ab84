"""What moto works out anew for every request although it never changes."""

from functools import cache

from moto.core import responses


def remember_method_names() -> None:
    """Keep the list of a response class's methods: ``inspect`` takes longer over EC2's 700 than the call itself."""
    if not hasattr(responses.method_names_from_class, "cache_info"):
        responses.method_names_from_class = cache(responses.method_names_from_class)
