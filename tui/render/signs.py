"""The sign of a line of news: the same beside the news, below every chart, at a cursor."""

from engine.frame import News
from tui.theme import Ink

_BAD = {
    "first_failure", "data_lost", "budget_quarter", "instance_crashed", "volume_full",
    "database_failed", "move_failed", "database_unreachable", "target_unhealthy",
    "session_store_unreachable",
}  # fmt: skip
_PRESSES = {
    "traffic_spike", "bot_attack", "noisy_neighbour", "bad_deploy", "slow_disk", "hot_key",
}  # fmt: skip
_TIGHT = {
    "station_full", "credits_low", "credits_gone", "first_late", "budget_half", "money_low",
    "burst_over", "data_in_snapshot", "failover_started", "slow_down", "table_throttled",
    "partition_hot",
    "fails_open", "alarm_on", "target_draining", "member_replaced", "scaling_out",
}  # fmt: skip
_GOOD = {
    "instance_running", "station_eased", "credits_back", "slowed_over", "burst_back",
    "volume_has_room", "snapshot_completed", "move_done", "database_available",
    "database_modified", "failover_done", "backup_done", "bucket_repartitioned",
    "balancer_ready", "balancer_scaled", "target_healthy", "fails_open_over", "image_ready",
    "zone_back", "alarm_off", "standby_ready", "scaling_in",
    "table_available", "table_grown", "table_scaled", "session_store_available",
}  # fmt: skip

_ENDS: dict[str, tuple[str, Ink]] = {"passed": ("★", "accent"), "ended": ("·", "dim")}
"""Ends that are no failure."""


def news_sign(news: News) -> tuple[str, Ink]:
    """The glyph and ink of a line of news."""
    if news.by == "player":
        return "▲", "accent"
    if news.kind in _PRESSES:
        return "↯", "full"
    if news.by == "incident" or news.kind in _BAD:
        return ("●", "ok") if news.kind in _GOOD else ("✕", "down")
    if news.kind in _TIGHT:
        return "■", "warn"
    if news.kind == "verdict":
        return _ENDS.get(str(news.args.get("cause")), ("✕", "down"))
    return ("●", "ok") if news.kind in _GOOD else ("·", "dim")
