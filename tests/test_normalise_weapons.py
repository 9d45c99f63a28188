import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data.corpora.answer_keys import read_keys
from conflictner.data.corpora.opening import archive_texts
from conflictner.data.errors import DataError
from conflictner.inference.normalise.weapon_taxonomy import weapon_taxonomy
from conflictner.inference.normalise.weapons import Weapon, classify_weapon

TAXONOMY = weapon_taxonomy()
CODEBOOK = Path(__file__).parents[1] / "docs" / "weapons.md"
TERMS = [(kind, term) for kind in TAXONOMY.subcategories.values() for term in kind.terms]

CATEGORIES = (
    "firearm, artillery and mortar, rocket and missile, aerial bomb, drone, improvised explosive, mine, "
    "grenade, chemical, incendiary, armoured vehicle, aircraft, naval, blade, vehicle used as weapon, "
    "crowd control, nuclear/radiological, unspecified"
)

# words -> subcategory
CASES = {
    "AK-47": "Kalashnikov",
    "AK47s": "Kalashnikov",
    "two ak 47 rifles": "Kalashnikov",
    "KALASHNIKOVS": "Kalashnikov",
    "Kalašnikov": "Kalashnikov",
    "M16A4": "assault rifle",
    "hunting rifles": "rifle",
    "a 9mm pistol": "handgun",
    "sub-machine-guns": "submachine gun",
    "machinegun": "machine gun",
    "pickup truck with a heavy machine gun on it": "machine gun",
    "live rounds": "ammunition",
    "ammunition": "ammunition",
    "artillery ammunition": "artillery",
    "Caesar self-propelled howitzers": "artillery",
    "81-mm mortars": "mortar",
    "tank shells": "shell",
    "anti-aircraft guns": "anti-aircraft gun",
    "Katyushas": "rocket",
    "Grad": "rocket launcher",
    "GRADs": "rocket launcher",
    "M142 HIMARS": "rocket launcher",
    "RPG-7s": "rocket-propelled grenade",
    "rocket propelled grenades": "rocket-propelled grenade",
    "anti-tank missiles": "anti-tank missile",
    "Scud missiles": "ballistic missile",
    "nuclear-capable missile": "missile",
    "Kalibr cruise missiles": "cruise missile",
    "shoulder-fired missile": "surface-to-air missile",
    "S300": "air defence",
    "Patriot air-defense batteries": "air defence",
    "missile": "missile",
    "a drone-fired missile": "missile",
    "air-dropped bombs": "aerial bomb",
    "500-pound bombs": "aerial bomb",
    "cluster munitions": "cluster munition",
    "barrel bombs": "barrel bomb",
    "drones": "drone",
    "drones loaded with explosives": "drone",
    "Shahed-136 drones": "attack drone",
    "Shaheds": "attack drone",
    "suicide drones": "attack drone",
    "drone boats": "naval drone",
    "bomb": "bomb",
    "IED": "explosive device",
    "IED's": "explosive device",
    "remote-controlled roadside bomb": "roadside bomb",
    "car bomb": "vehicle bomb",
    "car-bombs": "vehicle bomb",
    "CARBOMB": "vehicle bomb",
    "car packed with explosives": "vehicle bomb",
    "explosives-laden minibus": "vehicle bomb",
    "bomb hidden in a handcart or a van": "vehicle bomb",
    "boat loaded with explosives": "vehicle bomb",
    "suicide vest": "suicide bomb",
    "explosives-filled belt": "suicide bomb",
    "suicide truck bomb": "suicide vehicle bomb",
    "suicide car-bombs": "suicide vehicle bomb",
    "letter bombs": "parcel bomb",
    "sticks of dynamite": "dynamite",
    "20 kg of TNT": "dynamite",
    "device with 10 kg of dynamite": "dynamite",
    "Semtex": "explosive",
    "land-mines": "landmine",
    "booby traps": "booby trap",
    "hand grenades": "hand grenade",
    "underbarrel grenade launchers": "grenade launcher",
    "VX nerve agent": "nerve agent",
    "chlorine-filled barrel bombs": "toxic gas",
    "shells with chemical weapons": "chemical weapon",
    "anthrax spores": "biological agent",
    "Molotovs": "petrol bomb",
    "white phosphorous shells": "white phosphorus",
    "T-72": "tank",
    "T-72B3": "tank",
    "tanks": "tank",
    "Leopard 2A6": "tank",
    "BTR-82A": "armoured personnel carrier",
    "Bradley Fighting Vehicles": "infantry fighting vehicle",
    "armored vehicles": "armoured car",
    "military vehicles": "military vehicle",
    "F-16": "fighter aircraft",
    "F16s": "fighter aircraft",
    "Russian-made Su-25 jets": "fighter aircraft",
    "Tu-95MS bombers": "bomber",
    "Mi-24 helicopter": "attack helicopter",
    "an Mi-8 helicopter": "helicopter",
    "Il-76 military plane": "transport aircraft",
    "warplanes": "fighter aircraft",
    "plane": "aircraft",
    "nuclear-powered submarine": "submarine",
    "aircraft carrier": "aircraft carrier",
    "speedboats": "boat",
    "knives": "knife",
    "machetes": "sword or machete",
    "axes": "axe",
    "bows and arrows": "bow or sling",
    "baseball bats": "blunt object",
    "stones": "thrown object",
    "truck": "road vehicle",
    "buses": "road vehicle",
    "bulldozers": "bulldozer",
    "tear-gas grenades": "tear gas",
    "rubber-coated steel bullets": "kinetic impact",
    "water cannons": "water cannon",
    "stun grenades": "stun grenade",
    "nuclear-tipped cruise missiles": "nuclear weapon",
    "atomic bombs": "nuclear weapon",
    "dirty bomb": "dirty bomb",
    "uranium-235": "radioactive material",
    "weapons": "weapon",
    "weapons of mass destruction": "weapon of mass destruction",
    "device": "device",
    "an anti-drone something": "unknown",
    "": "unknown",
    "Ünlü": "unknown",
}


def codebook() -> str:
    """The tables of docs/weapons.md, from the taxonomy."""
    lines = []
    for category, about in TAXONOMY.categories.items():
        lines += [f"### {category}", "", about, "", "| subcategory | such as | MUC-4 | GTD | ACLED |"]
        lines += ["|---|---|---|---|---|"]
        for kind in TAXONOMY.subcategories.values():
            if kind.category == category:
                walk = kind.crosswalk
                gtd = walk.gtd.partition(" (")[0] + (f": {walk.gtd_subtype}" if walk.gtd_subtype else "")
                cells = (kind.name, ", ".join(list(kind.terms)[:4]), walk.muc4, gtd, "; ".join(walk.acled))
                lines.append(f"| {' | '.join(cell or '-' for cell in cells)} |")
        lines.append("")
    return "\n".join(lines)


def weapon_strings(path: Path) -> set[str]:
    with path.open(encoding="utf-8") as file:
        documents = [json.loads(line) for line in file]
    return {
        document["text"][span["start"] : span["end"]]
        for document in documents
        for span in document["spans"]
        if span["label"] == "WEAPON"
    }


def muc_instruments(path: Path) -> list[tuple[set[str], str]]:
    """The types and the first string of every fill of slot 7 that has a string."""
    found = []
    for _, text in archive_texts(path, "*/key-*", encoding="latin-1"):
        for template in read_keys(text):
            for line in template.slots.get(7, []):
                match = re.match(r'\?? ?([A-Z][A-Z /]*): *"((?:\\.|[^"\\])+)"', line)
                if match and match[2] != "-":
                    found.append((set(match[1].split(" / ")), match[2].replace('\\"', '"')))
    return found


@pytest.mark.parametrize(("text", "subcategory"), CASES.items())
def test_words_are_sorted(text, subcategory):
    assert classify_weapon(text).subcategory == subcategory


def test_all_categories_are_there():
    assert list(TAXONOMY.categories) == CATEGORIES.split(", ")
    assert {kind.category for kind in TAXONOMY.subcategories.values()} == set(TAXONOMY.categories)


def test_a_weapon_has_its_words_and_its_names_elsewhere():
    weapon = classify_weapon("suicide truck bombs", start=40)
    assert (weapon.text, weapon.start, weapon.end) == ("suicide truck bombs", 40, 59)
    assert (weapon.category, weapon.term) == ("improvised explosive", "suicide truck bomb")
    assert weapon.crosswalk.muc4 == "VEHICLE BOMB"
    assert (weapon.crosswalk.gtd, weapon.crosswalk.gtd_subtype) == ("Explosives", "Vehicle")
    assert weapon.crosswalk.acled == ("Suicide bomb",)


def test_every_term_is_of_its_own_subcategory():
    for kind, term in TERMS:
        for text in (
            term,
            term.upper(),
            term.replace(" ", "-"),
            term.replace(" ", "  "),
            term.replace("-", " "),
        ):
            weapon = classify_weapon(text.replace("#", "7"))
            assert (text, weapon.category, weapon.subcategory) == (text, kind.category, kind.name)


def test_every_plural_is_of_the_same_category():
    for kind, term in TERMS:
        if not term.endswith("s"):
            plural = f"{term.replace('#', '7')}s"
            assert (plural, classify_weapon(plural).category) == (plural, kind.category)


def test_no_term_is_there_twice():
    keys = ["".join(token.text for token in TAXONOMY.tokens(term)) for _, term in TERMS]
    assert [key for key in set(keys) if keys.count(key) > 1] == []


def test_no_subcategory_and_no_list_of_words_is_there_twice():
    class Strict(yaml.SafeLoader):
        pass

    def mapping(loader, node):
        pairs = [(loader.construct_object(k, True), loader.construct_object(v, True)) for k, v in node.value]
        assert len(dict(pairs)) == len(pairs), [key for key, _ in pairs]
        return dict(pairs)

    Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    file = Path(__file__).parents[1] / "inference" / "normalise" / "weapons.yaml"
    content = yaml.load(file.read_text(encoding="utf-8"), Strict)
    sections = content["categories"].values()
    assert len(TAXONOMY.subcategories) == sum(len(section["subcategories"]) for section in sections)
    for section in sections:
        for entry in section["subcategories"].values():
            assert entry.keys() <= {"muc4", "gtd", "acled", "strong", "terms", "general", "weak"}
            words = [term for key in ("strong", "terms", "general", "weak") for term in entry.get(key, ())]
            assert all(isinstance(word, str) for word in words)
            assert len(words) == len(set(words))


def test_crosswalks_point_to_what_is_there():
    muc4, gtd, acled = (TAXONOMY.schemes[name] for name in ("muc4", "gtd", "acled"))
    assert set(muc4.values()) - {None} <= muc4.keys()
    for kind in TAXONOMY.subcategories.values():
        walk = kind.crosswalk
        assert walk.muc4 is None or walk.muc4 in muc4
        assert walk.gtd in gtd
        assert walk.gtd_subtype is None or walk.gtd_subtype in gtd[walk.gtd]["subtypes"]
        assert set(walk.acled) <= set(acled)


def test_combinations_name_subcategories():
    for combination in TAXONOMY.combinations:
        names = combination.carrier | combination.load | {combination.gives}
        assert names <= TAXONOMY.subcategories.keys()


@given(st.text(), st.integers(0, 10**6))
def test_any_text_is_sorted(text, start):
    weapon = classify_weapon(text, start)
    assert weapon == classify_weapon(text, start)
    assert (weapon.text, weapon.start, weapon.end) == (text, start, start + len(text))
    assert TAXONOMY.subcategories[weapon.subcategory].category == weapon.category
    assert Weapon.from_dict(json.loads(json.dumps(weapon.to_dict()))) == weapon


@given(st.lists(st.sampled_from([term for _, term in TERMS]), min_size=1, max_size=4), st.text(max_size=5))
def test_any_terms_together_are_sorted(terms, between):
    weapon = classify_weapon(between.join(terms))
    assert weapon == classify_weapon(between.join(terms))
    assert Weapon.from_dict(json.loads(json.dumps(weapon.to_dict()))) == weapon


@pytest.mark.parametrize(
    "text", ["bomb " * 9_000, "x" * 90_000, "a1" * 40_000, "e\u0301" * 40_000, "7" * 90_000]
)
def test_long_text_is_no_trouble(text):
    assert classify_weapon(text).end == len(text)


@pytest.mark.parametrize(
    "change",
    [
        {"category": "firearm"},
        {"subcategory": "toothbrush"},
        {"subcategory": ["tank"]},
        {"start": "0"},
        {"end": 3},
        {"term": 3},
        {"text": None},
        {"colour": "green"},
        {"crosswalk": None},
        {"crosswalk": {"muc4": None}},
    ],
)
def test_records_of_something_else_are_refused(change):
    record = classify_weapon("T-72s").to_dict()
    assert Weapon.from_dict(record).term == "T-72"
    with pytest.raises(DataError, match="not the record of a weapon"):
        Weapon.from_dict(record | change)


def test_a_record_without_a_field_is_refused():
    record = classify_weapon("T-72s").to_dict()
    with pytest.raises(DataError, match="not the record of a weapon"):
        Weapon.from_dict({key: value for key, value in record.items() if key != "text"})


def test_the_codebook_is_that_of_the_taxonomy():
    # To renew it, put what codebook() returns in place of the tables.
    assert codebook() in CODEBOOK.read_text(encoding="utf-8")


def test_strings_of_the_training_data_have_a_category(shared):
    strings = weapon_strings(shared / "data" / "conflict-news" / "train.jsonl")
    known = sum(classify_weapon(text).category != "unspecified" for text in strings)
    assert known / len(strings) >= 0.95
    assert f"{known} of {len(strings)} ({known / len(strings):.3f})" in CODEBOOK.read_text(encoding="utf-8")


def test_instruments_of_muc_have_their_type(shared):
    instruments = muc_instruments(shared / "data" / "public" / "muc34" / "muc34.tar.gz")
    right = sum(classify_weapon(text).crosswalk.muc4 in types for types, text in instruments)
    assert right / len(instruments) >= 0.90
    told = f"{right} of {len(instruments)} ({right / len(instruments):.3f})"
    assert told in CODEBOOK.read_text(encoding="utf-8")
