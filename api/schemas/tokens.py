"""What OAuth 2.0 asks and answers; its names are those of RFC 6749, not ours."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints


class TokenIn(BaseModel):
    """A form: which grant, which kind of assertion, and the assertion itself."""

    model_config = ConfigDict(extra="ignore")

    grant_type: Literal["client_credentials"]
    client_assertion_type: Literal["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
    client_assertion: Annotated[str, StringConstraints(min_length=1, max_length=8000)]


class TokenOut(BaseModel):
    """A bearer token and for how many seconds it holds."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a word of the standard
    expires_in: int
