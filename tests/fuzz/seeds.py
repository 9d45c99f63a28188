"""Seeds: small files of every kind that is read, as they should be."""

from conflictner.data import Document, Span
from conflictner.data.jsonl import to_json_line
from conflictner.data.standoff import Place, detach

DOCUMENTS = [
    Document(
        "a/1",
        "Rebels  shelled Kabul \U0001f4a5 on Monday,\r\nkilling 3.",
        (Span(0, 6, "ACTOR", "agent", 0.5), Span(16, 21, "LOCATION"), Span(44, 45, "CASUALTY", "killed")),
        ("explosion", "battle"),
        {"source": "own", "n": [1, {"b": None}]},
    ),
    Document("b", "Police fired tear gas in Goma.", (Span(25, 29, "LOCATION"),), (), {}),
    Document("c", "Nothing."),
]
GMB = (
    b"The\tO\nrebels\tO\nin\tO\nGoma\tB-geo\ntold\tO\nMr.\tB-per\nSaid\tI-per\n.\tO\n\n"
    b"New\tO\naid\tO\nSudan\tB-gpe\n\n"
)
WORLDWIDE = (
    b"https://news.example/1\tO\n\nThe\tO\nUnion\tB-Organization\tB-NORP\nin\tO\nJuba\tS-Location\n.\tO\n\n"
    b"It\tO\n"
)
UNER = (
    b"# newdoc id = a\n# sent_id = a-1\n# text = He left Goma, Joe.\n1\tHe\tO\t-\t-\n2\tleft\tO\t-\t-\n"
    b"3\tGoma\tB-LOC\t-\tx\n4\t,\tO\t-\t-\n5\tJoe\tB-PER\t-\tx\n6\t.\tO\t-\t-\n\n"
    b"# sent_id = a-2\n1\tUN\tB-O\n\n"
)
TOKENS = ["Rebels", "fired", "a", "rocket", "at", "Goma", ".", "They", "left", "."]
MENTIONS = [
    {"start": start, "end": start + 1, "entity_type": kind, "id": f"d-T{start}"}
    for start, kind in ((0, "PER"), (3, "WEA"), (5, "GPE"), (7, "PER"), (8, "X"))
]
WIKIEVENTS = {
    "doc_id": "d",
    "tokens": TOKENS,
    "text": "Rebels fired a rocket at Goma.They left.",
    "sentences": [[[[t, 0, 0] for t in TOKENS[:7]], "x"], [[[t, 0, 0] for t in TOKENS[7:]], "y"]],
    "entity_mentions": MENTIONS,
    "event_mentions": [
        {"id": "d-E1", "event_type": "Conflict.Attack", "trigger": {"start": 1}, "arguments": []}
    ],
}
WIKIEVENTS_TOKENS = [
    {"doc_id": "d", "tokens": TOKENS, "sents": [TOKENS[:7], TOKENS[7:]], "entity_mentions": MENTIONS}
]
KEY = b"""0.  MESSAGE: ID                     TST9-MUC4-0001 (NCCOSC)
1.  MESSAGE: TEMPLATE               1
3.  INCIDENT: LOCATION              PERU: AYMARA (DEPARTMENT): SAN FELIX (TOWN)
4.  INCIDENT: TYPE                  KIDNAPPING
6.  INCIDENT: INSTRUMENT ID         "DYNAMITE" / "STICK OF DYNAMITE"
                                    ? "PIPE BOMB"
9.  PERP: INDIVIDUAL ID             "GUERRILLAS"
10. PERP: ORGANIZATION ID           "RED \\"FRONT\\""
12. PHYS TGT: ID                    "BRIDGE"
18. HUM TGT: NAME                   "JUAN PEREZ"
19. HUM TGT: DESCRIPTION            "MAYOR": "JUAN PEREZ"
                                    "FARMERS"
23. HUM TGT: EFFECT OF INCIDENT     DEATH: "FARMERS"

0.  MESSAGE: ID                     TST9-MUC4-0002
1.  MESSAGE: TEMPLATE               *
"""
REPORTS = b"""TST9-MUC4-0001 (NOSC)

   LIMA, 3 JAN 90 -- [REPORT] [TEXT] GUERRILLAS OF THE RED "FRONT"
KILLED AT LEAST SEVEN FARMERS WITH DYNAMITE IN SAN FELIX.

   A PIPE BOMB WAS FOUND ON THE BRIDGE. JUAN PEREZ FLED.


TST9-MUC4-0002

   LIMA, 4 JAN 90 -- [TEXT] GUERRILLAS SLEPT.
"""
GTT = {
    "docid": "d",
    "doctext": "guerrillas of the red front attacked a bridge with dynamite.  juan perez fled.",
    "templates": [
        {
            "incident_type": "attack",
            "PerpInd": [[["guerrillas", 0]]],
            "PerpOrg": [[["red front", 18]]],
            "Target": [[["bridge", 40]]],
            "Victim": [[["juan perez", 50]]],
            "Weapon": [[["dynamite", 60]]],
        }
    ],
}
RE3D_TEXT = "The Red Front fired two mortars in the city of Homs.\nWe saw the camp."
RE3D = [
    {"documentId": "d", "begin": begin, "end": end, "type": kind, "confidence": confidence, "value": "x"}
    for begin, end, kind, confidence in (
        *(
            (0, 13, "Organisation", 1),
            (20, 31, "Weapon", 0.98),
            (35, 51, "Location", 1),
            (47, 51, "Location", 0.2),
        ),
        *((4, 7, "Nationality", 0), (53, 55, "Person", 1)),
    )
]
CANONICAL = "".join(to_json_line(document) + "\n" for document in DOCUMENTS).encode()
CONLL = (
    b'# id = a\n# events = ["battle"]\nRebels\tB-ACTOR:agent\nleft\tO\nGoma\tB-LOCATION\n\n'
    b"Aid\tO\ncame\tO\n\n"
)
TEXT = "Rebels left Goma.\r\nAid came, said Zo\u00eb \U0001f4a5.\n\nThree people were killed.".encode()
STANDOFF = detach(Document("s", "Rebels left", (Span(0, 6, "ACTOR"),)), Place("t.txt", 1, 1, 0, 11))
LABELS = {"labels": ["A", {"name": "B", "attribute": "kind", "values": ["x", "y"]}], "events": ["e"]}
THRESHOLDS = {
    "format": "conflictner thresholds 1",
    "model": "bundled",
    "data": "dev.jsonl",
    "all": 0.4,
    "labels": {"ACTOR": 0.5, "CASUALTY": 1},
}
MUC = {"c/key-tst9.v1": KEY, "c/tst9-muc4": REPORTS, "c/README": b"no"}
ARTICLES = {"p/one.txt.tsv": WORLDWIDE, "p/two.txt.tsv": WORLDWIDE}
ROWS = [
    {"id": 1, "text": "Rebels left Goma.", "tags": ["a", "b"], "more": {"x": 1.5, "day": "2024-03-05"}},
    {"id": 2, "text": 'Aid came,\r\nsaid "Zo\u00eb" \U0001f4a5.', "tags": [], "more": None},
    {"id": 3, "text": "", "tags": None, "more": {"x": None, "day": ""}},
]
TABLE = """id,text,note
1,Rebels left Goma.,
2,"Aid came,
said ""Zo\u00eb"" \U0001f4a5.",x
3,,"a,b"
""".encode()
GEOPARSING = b"""<?xml version="1.0" encoding="utf-8"?>
<articles><article docid="1"><text>Police in Goma, DR Congo, met Goma.</text><toponyms>
<toponym><start>10</start><end>14</end><phrase>Goma</phrase><gaztag><name>Goma</name><lat>-1.67</lat>
<lon>29.23</lon><country geonameid="2">Chad</country></gaztag></toponym>
<toponym><start>16</start><end>24</end><phrase>DR Congo</phrase></toponym></toponyms></article></articles>
"""
