"""What comes of a command, and why a request failed: every reason, by name.

A player's mistake is a value, `Refused`, that carries a reason and the figures
its sentence needs; the screen's words table turns it into a sentence that also
says what would make the command work.
"""

from enum import StrEnum

import msgspec


class FailureReason(StrEnum):
    """Why a request failed; exactly one for each. Codes as a user of the real cloud meets them."""

    CONNECTION_REFUSED = "connection_refused"
    NO_TARGET = "no_target"
    BAD_GATEWAY = "bad_gateway"
    GATEWAY_TIMEOUT = "gateway_timeout"
    WAITING_ROOM_FULL = "waiting_room_full"
    CLIENT_GAVE_UP = "client_gave_up"
    TOO_MANY_CONNECTIONS = "too_many_connections"
    THROTTLED = "throttled"
    SLOW_DOWN = "slow_down"
    VOLUME_FULL = "volume_full"
    STORAGE_MISSING = "storage_missing"
    STALE_READ = "stale_read"
    TLS_REQUIRED = "tls_required"
    NO_IPV6_ROUTE = "no_ipv6_route"
    SESSION_LOST = "session_lost"


class Ending(StrEnum):
    """How a run ends: the cause of its verdict."""

    PASSED = "passed"
    ERROR_BUDGET_EMPTY = "error_budget_empty"
    OUT_OF_MONEY = "out_of_money"
    P95_OVER = "p95_over"
    DATA_LOST = "data_lost"
    SPEND_OVER = "spend_over"
    ENDED = "ended"


class RefusalReason(StrEnum):
    """Why a command was refused."""

    NOT_AFFORDABLE = "not_affordable"
    NOT_ON_OFFER = "not_on_offer"
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_RESOURCE = "unknown_resource"
    UNKNOWN_ROLE = "unknown_role"
    UNKNOWN_ZONE = "unknown_zone"
    NAME_TAKEN = "name_taken"
    BAD_NAME = "bad_name"
    BAD_NUMBER = "bad_number"
    WRONG_STATE = "wrong_state"
    NO_CHANGE = "no_change"
    ROLE_NOT_PLAYED = "role_not_played"
    DATA_ELSEWHERE = "data_elsewhere"
    WOULD_LOOP = "would_loop"
    OTHER_ZONE = "other_zone"
    NOT_BOOTABLE = "not_bootable"
    NO_BACKUP = "no_backup"
    NO_STANDBY = "no_standby"
    MASTER_STANDS = "master_stands"
    NO_REPLICA = "no_replica"
    ZONE_DOWN = "zone_down"
    LIMIT_REACHED = "limit_reached"
    MEASURED_BY_GROUP = "measured_by_group"
    RUN_IS_OVER = "run_is_over"
    ONLY_IN_SANDBOX = "only_in_sandbox"
    CANNOT_BEFALL = "cannot_befall"


Detail = str | int | float


class Accepted(msgspec.Struct, frozen=True, tag="accepted", tag_field="outcome"):
    """The command was done; `resource` is what it made or changed."""

    resource: str = ""


class Refused(msgspec.Struct, frozen=True, tag="refused", tag_field="outcome"):
    """The command was not done and changed nothing; `details` fill the reason's sentence."""

    reason: RefusalReason
    details: dict[str, Detail] = {}


Outcome = Accepted | Refused


class Quote(msgspec.Struct, frozen=True):
    """What a command would cost before it is given: rates are of the whole board, for a month."""

    refused: Refused | None
    rate_before_micro_usd: int
    rate_after_micro_usd: int
