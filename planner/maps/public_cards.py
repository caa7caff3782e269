"""What a public page tells of its cards: no catchment of few children is counted."""

from __future__ import annotations

from planner.maps.cards import Card, Cards, draw_cards
from planner.maps.reading import Reading
from planner.plan.privacy import shown


def public_cards(reading: Reading) -> Cards:
    """All cards; pupils of a school and service are None in years where they are too few."""
    cards = draw_cards(reading)
    least = reading.scenario.privacy.min_children
    schools = {key: _public(card, least) for key, card in cards["school"].items()}
    return {**cards, "school": schools}


def _public(card: Card, least: int) -> Card:
    offers = {service: _told(offer, least) for service, offer in card["services"].items()}
    return {**card, "services": offers}


def _told(offer: Card, least: int) -> Card:
    if not offer:
        return offer
    years = [shown(count, min_children=least) for count in offer["years"]]
    return {**offer, "pupils": shown(offer["pupils"], min_children=least), "years": years}
