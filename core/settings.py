"""All that differs between two installations. Nothing else reads the environment."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.roles import ROLES


class Mode(StrEnum):
    """`demonstration` lets unapproved rule data and made-up keys through, marked; `production` refuses."""

    DEMONSTRATION = "demonstration"
    PRODUCTION = "production"


class QueueBackend(StrEnum):
    EMBEDDED = "embedded"
    RQ = "rq"


class Settings(BaseSettings):
    """Read from the environment with prefix FLITSKETEN_, from an `.env` file, or from files of these names in the
    folder that FLITSKETEN_SECRETS_DIR names, as containers are given secrets."""

    model_config = SettingsConfigDict(
        env_prefix="FLITSKETEN_", env_file=".env", extra="ignore", secrets_dir=os.environ.get("FLITSKETEN_SECRETS_DIR")
    )

    mode: Mode = Mode.DEMONSTRATION
    data_dir: Path = Path("data")

    database_url: str = ""
    replica_url: str = ""
    """A replica of it (PostgreSQL, streaming) that reports are read from; they may be seconds old then."""
    queue: QueueBackend = QueueBackend.EMBEDDED
    redis_url: str = "redis://127.0.0.1:6379/0"
    lease_seconds: int = 300
    max_attempts: int = 5
    done_job_days: int = 90
    """How long the record of a job that was done is kept."""
    retry_base_seconds: float = 2.0
    queue_length: int = 100
    """Jobs of one queue that Redis holds; the others wait in the database. Few enough to be done within a lease."""

    blob_url: str = ""
    s3_endpoint: str = ""
    s3_access_key: str = ""
    s3_secret_key: SecretStr = SecretStr("")
    s3_region: str = "eu-west-1"

    master_key_file: Path | None = None
    signing_key_file: Path | None = None
    session_secret_file: Path | None = None
    seal_key_file: Path | None = None
    seal_certificate_file: Path | None = None
    wrapping_key_files: list[Path] = []
    """Keys of 32 bytes that wrap the keys of cases, the newest first; without one the master key does."""
    kms_key: str = ""
    """A key in a key management service (KMS, as of AWS) that wraps them instead; the files go on opening what was
    wrapped with them."""
    kms_endpoint: str = ""
    """Without one AWS's own, of this region."""
    kms_region: str = "eu-west-1"
    kms_access_key: str = ""
    """Without one the credentials are found as AWS's tools do: by the role of the machine."""
    kms_secret_key: SecretStr = SecretStr("")

    clock_file: Path | None = None

    otlp_url: str = ""
    """A collector of traces (OpenTelemetry, OTLP over HTTP), without `/v1/traces`. Without one none are made."""
    trace_share: float = 1.0
    """Of the requests that are traced."""
    metrics_port: int = 0
    """Where this process shows its metrics to Prometheus; 0: nowhere."""
    metrics_host: str = "127.0.0.1"
    """They name nobody, but say how much goes on: not for the open internet."""

    max_image_bytes: int = 20 * 1024 * 1024
    max_package_bytes: int = 64 * 1024 * 1024
    max_images: int = 4
    max_pixels: int = 50_000_000
    max_capture_age_days: int = 30
    max_clock_ahead_seconds: int = 120
    max_metadata_bytes: int = 64 * 1024
    max_batch_bytes: int = 2 * 1024**3
    """Of a batch of captures, as it comes and unpacked."""

    captures_per_minute: int = 600
    """That one camera sends; more is to be sent later."""
    max_held_packages: int = 1000
    """Of one camera in quarantine; above that nothing refused is kept, and the camera is told to keep it."""
    min_free_bytes: int = 512 * 1024**2
    """On the disks of database and photos; below that nothing is taken in."""
    max_waiting_jobs: int = 200_000
    """Above that nothing is taken in until some were done."""
    drop_folder: Path | None = None
    """Where networks put batches of captures, by SFTP say. Without one nothing is looked for."""
    upload_folder: Path | None = None
    """Where resumable uploads are until they are whole; shared between machines at scale."""
    silent_hours: int = 24
    """A camera that was not heard of for so long is shown to operators."""
    signed_pushes_only: bool = False
    """Whether a camera has to sign each request too, so that a stranger's is refused before what it sends is read."""

    timestamp_url: str = ""
    """A timestamp authority (RFC 3161) that is asked about each head of the evidence log. Without one none is."""
    timestamp_roots_file: Path | None = None
    """The certificates that vouch for it (PEM)."""

    enrolment_days: int = 7
    """How long a camera's enrolment code holds."""
    key_overlap_days: int = 7
    """How long a camera's former key goes on beside the next one."""
    signed_request_seconds: int = 300
    """How old a signed request of a camera may be."""

    max_upload_bytes: int = 10 * 1024 * 1024
    clamav_address: str = ""
    """Host and port of ClamAV's daemon, which is asked about every file that people send in; needed in production."""

    photo_seconds: float = 120.0
    photo_memory_mib: int = 3072
    min_plate_confidence: float = 0.97
    hide_passengers: bool = False
    second_review_file: Path | None = None
    locator_weights: Path | None = None
    recogniser_weights: Path | None = None
    face_weights: Path | None = None
    face_judge_weights: Path | None = None
    vehicle_register_file: Path | None = None
    foreign_register_files: dict[str, Path] = {}
    """By country code; plates of other countries are asked of the country's own register."""

    mollie_api_key: SecretStr = SecretStr("")
    """Without one there is no payment page, and people pay by bank transfer."""
    mollie_api_url: str = "https://api.mollie.com"
    provider_ibans: list[str] = []
    """Accounts from which the payment provider pays out what it received for us."""

    mailbox_url: str = ""
    """Without one all letters go by post."""
    mailbox_token: SecretStr = SecretStr("")

    smtp_host: str = ""
    """The mail server. Without one nobody is told by e-mail that there is a letter."""
    smtp_port: int = 587
    smtp_tls: bool = True
    """STARTTLS, with the server's certificate checked; needed in production."""
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    email_from: str = "niet-beantwoorden@verkeersboetes.example"

    oidc_issuer: str = ""
    """The organisation's own login (OpenID Connect) for people who work here. Without one they log in by token."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_scope: str = "openid profile groups"
    oidc_roles_claim: str = "groups"
    oidc_roles: dict[str, str] = {}
    """Role by the provider's name of a group; who is in none of these may not come in."""
    oidc_levels: list[str] = []
    """The provider's names (acr) of logins that are sure enough, such as those with a second factor; empty: any is."""
    login_hours: int = 10
    login_idle_minutes: int = 60
    """A login of who works here ends after so long without a page."""
    development_login: bool | None = None
    """Log in on this machine by name, without a proof; on by itself in demonstration mode, refused in production."""

    citizen_oidc_issuer: str = ""
    """A broker of the national logins (OpenID Connect). Without one citizens come in by what stands on their letter."""
    citizen_oidc_client_id: str = ""
    citizen_oidc_client_secret: SecretStr = SecretStr("")
    citizen_oidc_scope: str = "openid"
    citizen_oidc_person_claim: str = "sub"
    """Where the broker says the number of the person (BSN) or firm (KvK)."""
    citizen_oidc_level_claim: str = "acr"
    citizen_oidc_levels: dict[str, str] = {
        "http://eidas.europa.eu/LoA/substantial": "substantial",
        "http://eidas.europa.eu/LoA/high": "high",
    }
    """The levels of assurance that are enough, by the broker's name for them. Others are refused."""

    visit_hours: int = 8
    visit_idle_minutes: int = 20
    """A citizen's visit ends after so long without a page."""
    draft_days: int = 60
    """What somebody began to write is thrown away when it was not touched for so long."""

    zgw_zaken_url: str = ""
    """The court registry's APIs up to and with the version. Without one dossiers are handed over by a person."""
    zgw_documenten_url: str = ""
    zgw_catalogi_url: str = ""
    zgw_client_id: str = ""
    zgw_secret: SecretStr = SecretStr("")
    zgw_rsin: str = ""
    """The authority's number as a legal person (RSIN)."""
    zgw_case_type: str = "WAHV-BEROEP"
    """Identification of the type of case in the registry's catalogue."""
    zgw_notificaties_url: str = ""
    """The notifications component (Notificaties API) up to and with the version. Without one nothing is notified."""
    zgw_kanaal: str = "beschikkingen"
    """The channel there on which our cases are told of."""

    webhook_networks: list[str] = []
    """Networks (CIDR) to which webhooks may go beside the open internet, and without TLS; none in production."""

    misses_by_caller: int = 30
    """Wrong tries at cases and codes in a quarter of an hour, by address or person."""
    misses_at_case: int = 5
    """The same at one case."""
    public_url: str = "http://127.0.0.1:8000"
    allowed_origins: list[str] = []

    authority_name: str = "Bureau Verkeersboetes Voorbeeldland"
    authority_department: str = "Afdeling Beschikkingen"
    authority_address: str = "Postbus 0000, 0000 XX Voorbeeldstad"
    authority_phone: str = "088 000 00 00"
    authority_email: str = "api@verkeersboetes.example"
    """For who builds on the API."""
    authority_iban: str = "NL52DEMO0000000001"
    prosecutor_name: str = "Officier van Justitie Voorbeeldland"

    @model_validator(mode="after")
    def _fill_paths(self) -> Self:
        if not self.database_url:
            self.database_url = f"sqlite:///{self.data_dir / 'flitsketen.db'}"
        if not self.blob_url:
            self.blob_url = (self.data_dir / "blobs").absolute().as_uri()
        if unknown := set(self.oidc_roles.values()) - set(ROLES):
            raise ValueError(f"oidc_roles names roles that do not exist: {', '.join(sorted(unknown))}")
        if self.timestamp_url and not self.timestamp_roots_file:
            raise ValueError("timestamp_url needs timestamp_roots_file")
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("oidc_issuer needs oidc_client_id")
        if self.citizen_oidc_issuer and not self.citizen_oidc_client_id:
            raise ValueError("citizen_oidc_issuer needs citizen_oidc_client_id")
        if self.mode is Mode.PRODUCTION:
            self._refuse_stand_ins()
        return self

    def _refuse_stand_ins(self) -> None:
        missing = [
            name
            for name in (
                "master_key_file",
                "signing_key_file",
                "session_secret_file",
                "seal_key_file",
                "seal_certificate_file",
                "vehicle_register_file",
            )
            if getattr(self, name) is None
        ]
        if not self.clamav_address:
            missing.append("clamav_address")
        if "DEMO" in self.authority_iban:
            missing.append("authority_iban")
        if missing:
            raise ValueError(f"production needs these settings: {', '.join(missing)}")
        for name in ("oidc_issuer", "citizen_oidc_issuer"):
            if getattr(self, name) and not getattr(self, name).startswith("https://"):
                raise ValueError(f"production trusts no login that is not behind TLS: {name} begins with https://")
        if self.oidc_issuer and not self.oidc_levels:
            raise ValueError("production asks people for a second factor: name the levels that have one in oidc_levels")
        if self.smtp_host and not self.smtp_tls:
            raise ValueError("production sends no mail in the open: remove smtp_tls=false")
        if self.webhook_networks:
            raise ValueError("production calls no address inside: remove webhook_networks")
        if self.development_login:
            raise ValueError("production asks people who they are: remove development_login")
        if self.clock_file is not None:
            raise ValueError("production runs on the machine's own time: remove clock_file")

    @property
    def site(self) -> str:
        """The public address, to put a path behind."""
        return self.public_url.rstrip("/")

    @property
    def job_seconds(self) -> int:
        """What the longest job may take: every photo of a capture as long as it may, and once again."""
        return round(2 * self.max_images * self.photo_seconds)

    @property
    def demonstration(self) -> bool:
        return self.mode is Mode.DEMONSTRATION
