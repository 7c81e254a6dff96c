"""The queue's own server and settings, as the core's tests have them."""

from tests.core.conftest import concert, redis, redis_url, settings, valkey_binary

__all__ = ["concert", "redis", "redis_url", "settings", "valkey_binary"]
