"""What cookies are called."""

from core.settings import Settings


def cookie_name(plain: str, settings: Settings) -> str:
    """With the prefix by which browsers keep other hosts and unencrypted pages from setting it (RFC 6265bis)."""
    return f"__Host-{plain}" if settings.public_url.startswith("https://") else plain
