"""A service's events, as the API gives them."""

from __future__ import annotations

from rehearsal.ecs.events import KEPT, Events


def test_events_name_their_service_newest_first() -> None:
    events = Events("api")
    events.add("(deployment ecs-svc/1) deployment completed.")
    events.add("has reached a steady state.")
    assert [each["message"] for each in events.newest_first()] == [
        "(service api) has reached a steady state.",
        "(service api) (deployment ecs-svc/1) deployment completed.",
    ]
    assert len({each["id"] for each in events.newest_first()}) == 2


def test_only_the_newest_events_are_kept() -> None:
    events = Events("api")
    for number in range(KEPT + 5):
        events.add(str(number))
    messages = [each["message"] for each in events.newest_first()]
    assert (len(messages), messages[0], messages[-1]) == (100, "(service api) 104", "(service api) 5")
