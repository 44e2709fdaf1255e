"""Calls to addresses that others name (OWASP: server-side request forgery).

Only over TLS, only to the open internet or to networks that the settings name, and only to the address that was looked
at: a name that means something else a moment later leads nowhere else, and nor does a redirect.
"""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import httpx

from core.errors import InvalidInput

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_SECONDS = httpx.Timeout(10.0, connect=5.0)
_LONGEST = 2000
_WRAPS_IPV4 = [ipaddress.ip_network(one) for one in ("::ffff:0:0/96", "64:ff9b::/96", "2002::/16", "2001::/32")]
"""Addresses of IPv6 that end at one of IPv4, which would have to be judged too."""


class Unreachable(Exception):
    """Nobody there took it; its text is fit for the one whose address it is."""


class Outgoing:
    """`networks` may be called beside the open internet, and without TLS; `trusted` is whose certificates count."""

    def __init__(
        self,
        networks: Sequence[str] = (),
        trusted: ssl.SSLContext | None = None,
        resolve: Callable[..., Sequence[Any]] = socket.getaddrinfo,
    ) -> None:
        self._networks: list[Network] = [ipaddress.ip_network(one) for one in networks]
        self._given = trusted
        self._resolve = resolve

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        return self._given or ssl.create_default_context()

    def check(self, url: str) -> None:
        """Raises InvalidInput for what will never be called."""
        try:
            parsed = httpx.URL(url)
            port = parsed.port
        except (httpx.InvalidURL, ValueError) as error:
            raise InvalidInput("address-unfit", "give an address such as https://example.nl/webhooks") from error
        plain = len(url) <= _LONGEST and parsed.is_absolute_url and bool(parsed.host)
        if not plain or parsed.userinfo or parsed.fragment or parsed.scheme not in ("https", "http"):
            raise InvalidInput("address-unfit", "give an https address without user name, password or fragment")
        if parsed.scheme == "http" and not self._networks:
            raise InvalidInput("address-unfit", "give an https address: nothing is sent in the open")
        try:
            literal = ipaddress.ip_address(parsed.host)
        except ValueError:
            literal = None
        if literal is not None and not self._may_call(literal, parsed.scheme):
            raise InvalidInput("address-unfit", "this address is not on the open internet")
        if port is not None and port not in (443, 8443) and parsed.scheme == "https":
            raise InvalidInput("address-unfit", "use port 443 or 8443")

    def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> int:
        """The status of the answer, whose body nobody reads. Raises Unreachable."""
        try:
            self.check(url)
        except InvalidInput as error:
            raise Unreachable("address-unfit") from error
        parsed = httpx.URL(url)
        address = self._address(parsed)
        sent = {**headers, "Host": parsed.netloc.decode("ascii")}
        try:
            # A client for each call: a connection that another name was checked for is never used again.
            with (
                httpx.Client(timeout=_SECONDS, trust_env=False, verify=self._trusted) as client,
                client.stream(
                    "POST",
                    parsed.copy_with(host=str(address)),
                    content=content,
                    headers=sent,
                    extensions={"sni_hostname": parsed.host},
                ) as answer,
            ):
                return answer.status_code
        except httpx.HTTPError as error:
            raise Unreachable(type(error).__name__) from error

    def _address(self, url: httpx.URL) -> Address:
        """Where a name leads now. One unfit address among several is one too many."""
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            found = self._resolve(url.host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Unreachable("name-unknown") from error
        addresses = [ipaddress.ip_address(one[4][0].partition("%")[0]) for one in found]
        if not addresses or not all(self._may_call(one, url.scheme) for one in addresses):
            raise Unreachable("address-unfit")
        return addresses[0]

    def _may_call(self, address: Address, scheme: str) -> bool:
        if any(address in network for network in self._networks):
            return True
        wraps = any(address in network for network in _WRAPS_IPV4)
        return scheme == "https" and address.is_global and not address.is_multicast and not wraps
