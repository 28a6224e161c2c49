from typing import List, Optional

from database_types import (
    Json,
    PublicAddUp2Args,
    PublicAddUp2Returns,
    PublicAddress,
    PublicListedReturns,
    PublicMood,
    PublicOddName,
    PublicPeople,
    PublicPeopleInsert,
    PublicPeopleOfReturns,
    PublicTeamsInsert,
    PublicTeamsUpdate,
)

mood: PublicMood = 'ok "fine"'
home: PublicAddress = {"street": None, "number": 1, "mood": mood}
new: PublicPeopleInsert = {"born": "2020-01-01", "age": 1, "home": home, "tags": ["a"], "settings": {"a": [1, None]}}
team: PublicTeamsInsert = {"name": "x"}
change: PublicTeamsUpdate = {}
odd: PublicOddName = {"a b": 1, "class": None, "ünï": True}
arguments: PublicAddUp2Args = {"a": 1, "b": 2}
value: PublicAddUp2Returns = 3


def settings_of(person: PublicPeople) -> Optional[Json]:
    age: int = person["age"]
    moods: Optional[List[PublicMood]] = person["moods"]
    return [age, len(moods or []), person["settings"]]


def first(people: PublicPeopleOfReturns) -> PublicPeople:
    return people[0]


def listed(rows: PublicListedReturns) -> List[Optional[str]]:
    return [row["id"] for row in rows]
