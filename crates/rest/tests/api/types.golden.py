from __future__ import annotations

from typing import Any, Dict, List, Literal, Optional, TypedDict, Union

from typing_extensions import NotRequired

Json = Union[None, bool, int, float, str, List["Json"], Dict[str, "Json"]]

OtherColour = Literal["red"]

PublicMood = Literal["sad", "ok \"fine\"", "it's"]

PublicAddress = TypedDict(
    "PublicAddress",
    {
        "street": "Optional[str]",
        "number": "Optional[int]",
        "mood": "Optional[PublicMood]",
    },
)

PublicOddName = TypedDict(
    "PublicOddName",
    {
        "a b": "int",
        "class": "Optional[str]",
        "ünï": "Optional[bool]",
    },
)

PublicOddNameInsert = TypedDict(
    "PublicOddNameInsert",
    {
        "a b": "int",
        "class": NotRequired["Optional[str]"],
        "ünï": NotRequired["Optional[bool]"],
    },
)

PublicOddNameUpdate = TypedDict(
    "PublicOddNameUpdate",
    {
        "a b": NotRequired["int"],
        "class": NotRequired["Optional[str]"],
        "ünï": NotRequired["Optional[bool]"],
    },
)

PublicBadges = TypedDict(
    "PublicBadges",
    {
        "label": "str",
        "person": "str",
    },
)

PublicBadgesInsert = TypedDict(
    "PublicBadgesInsert",
    {
        "label": "str",
        "person": "str",
    },
)

PublicBadgesUpdate = TypedDict(
    "PublicBadgesUpdate",
    {
        "label": NotRequired["str"],
        "person": NotRequired["str"],
    },
)

PublicOfPairs = TypedDict(
    "PublicOfPairs",
    {
        "a": "Optional[int]",
        "b": "Optional[int]",
        "id": "int",
    },
)

PublicOfPairsInsert = TypedDict(
    "PublicOfPairsInsert",
    {
        "a": NotRequired["Optional[int]"],
        "b": NotRequired["Optional[int]"],
        "id": "int",
    },
)

PublicOfPairsUpdate = TypedDict(
    "PublicOfPairsUpdate",
    {
        "a": NotRequired["Optional[int]"],
        "b": NotRequired["Optional[int]"],
        "id": NotRequired["int"],
    },
)

PublicPairs = TypedDict(
    "PublicPairs",
    {
        "a": "int",
        "b": "int",
    },
)

PublicPairsInsert = TypedDict(
    "PublicPairsInsert",
    {
        "a": "int",
        "b": "int",
    },
)

PublicPairsUpdate = TypedDict(
    "PublicPairsUpdate",
    {
        "a": NotRequired["int"],
        "b": NotRequired["int"],
    },
)

PublicPeople = TypedDict(
    "PublicPeople",
    {
        "age": "int",
        "born": "str",
        "colour": "Optional[OtherColour]",
        "doubled": "Optional[int]",
        "home": "Optional[PublicAddress]",
        "homes": "Optional[List[PublicAddress]]",
        "id": "str",
        "made_at": "str",
        "mood": "PublicMood",
        "moods": "Optional[List[PublicMood]]",
        "odd": "Optional[int]",
        "score": "Optional[float]",
        "settings": "Optional[Json]",
        "tags": "List[str]",
        "team_id": "Optional[int]",
    },
)

PublicPeopleInsert = TypedDict(
    "PublicPeopleInsert",
    {
        "age": "int",
        "born": "str",
        "colour": NotRequired["Optional[OtherColour]"],
        "home": NotRequired["Optional[PublicAddress]"],
        "homes": NotRequired["Optional[List[PublicAddress]]"],
        "id": NotRequired["str"],
        "made_at": NotRequired["str"],
        "mood": NotRequired["PublicMood"],
        "moods": NotRequired["Optional[List[PublicMood]]"],
        "odd": NotRequired["Optional[int]"],
        "score": NotRequired["Optional[float]"],
        "settings": NotRequired["Optional[Json]"],
        "tags": NotRequired["List[str]"],
        "team_id": NotRequired["Optional[int]"],
    },
)

PublicPeopleUpdate = TypedDict(
    "PublicPeopleUpdate",
    {
        "age": NotRequired["int"],
        "born": NotRequired["str"],
        "colour": NotRequired["Optional[OtherColour]"],
        "home": NotRequired["Optional[PublicAddress]"],
        "homes": NotRequired["Optional[List[PublicAddress]]"],
        "id": NotRequired["str"],
        "made_at": NotRequired["str"],
        "mood": NotRequired["PublicMood"],
        "moods": NotRequired["Optional[List[PublicMood]]"],
        "odd": NotRequired["Optional[int]"],
        "score": NotRequired["Optional[float]"],
        "settings": NotRequired["Optional[Json]"],
        "tags": NotRequired["List[str]"],
        "team_id": NotRequired["Optional[int]"],
    },
)

PublicTeams = TypedDict(
    "PublicTeams",
    {
        "id": "int",
        "name": "str",
    },
)

PublicTeamsInsert = TypedDict(
    "PublicTeamsInsert",
    {
        "name": "str",
    },
)

PublicTeamsUpdate = TypedDict(
    "PublicTeamsUpdate",
    {
        "name": NotRequired["str"],
    },
)

PublicCounted = TypedDict(
    "PublicCounted",
    {
        "people": "Optional[int]",
    },
)

PublicMembers = TypedDict(
    "PublicMembers",
    {
        "id": "Optional[str]",
        "mood": "Optional[PublicMood]",
        "team_id": "Optional[int]",
    },
)

PublicMembersInsert = TypedDict(
    "PublicMembersInsert",
    {
        "id": NotRequired["Optional[str]"],
        "mood": NotRequired["Optional[PublicMood]"],
        "team_id": NotRequired["Optional[int]"],
    },
)

PublicMembersUpdate = TypedDict(
    "PublicMembersUpdate",
    {
        "id": NotRequired["Optional[str]"],
        "mood": NotRequired["Optional[PublicMood]"],
        "team_id": NotRequired["Optional[int]"],
    },
)

PublicAddUpArgs = TypedDict(
    "PublicAddUpArgs",
    {
        "a": "str",
    },
)

PublicAddUpReturns = str

PublicAddUp2Args = TypedDict(
    "PublicAddUp2Args",
    {
        "a": "int",
        "b": NotRequired["int"],
    },
)

PublicAddUp2Returns = int

PublicFullNameArgs = TypedDict(
    "PublicFullNameArgs",
    {
        "": "PublicTeams",
    },
)

PublicFullNameReturns = str

PublicListedArgs = TypedDict(
    "PublicListedArgs",
    {
        "at_least": "PublicMood",
    },
)

PublicListedRow = TypedDict(
    "PublicListedRow",
    {
        "id": "Optional[str]",
        "mood": "Optional[PublicMood]",
    },
)

PublicListedReturns = List[PublicListedRow]

PublicMembersOfArgs = TypedDict(
    "PublicMembersOfArgs",
    {
        "": "PublicTeams",
    },
)

PublicMembersOfReturns = List[PublicPeople]

PublicNothingArgs = TypedDict(
    "PublicNothingArgs",
    {},
)

PublicNothingReturns = None

PublicPeopleOfArgs = TypedDict(
    "PublicPeopleOfArgs",
    {
        "team": "int",
    },
)

PublicPeopleOfReturns = List[PublicPeople]
