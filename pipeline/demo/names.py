"""Invented names of people, companies and goods; none of them is meant to be anybody's."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES: tuple[str, ...] = _words(
    """Abel Ada Adele Alma Amos Anneke Anton Arlo Astrid Bela Benno Bertha Bram Carlo Cleo Clara Cyrus Dagny
    Delia Dov Edda Eli Elin Elsa Emil Enzo Esme Ezra Faye Felix Fern Flora Gideon Greta Hanna Hector Hugo Ida
    Imre Ines Iris Ivo Jasper Joel Jonas Juno Kaia Karim Kasper Lena Leif Liam Lotte Luca Magda Malik Mara
    Mateo Maya Milo Nadia Nell Nico Nora Odile Omar Orla Otto Paula Petra Quentin Rafael Rhea Rosa Samir Selma
    Tessa Theo Uma Yara"""
)

LAST_NAMES: tuple[str, ...] = _words(
    """Abernethy Albrook Arkwright Ashdown Bancroft Barlowe Bexley Birchall Bramwell Brightwater Calloway Cardew
    Castellan Chadwell Corwin Cresswell Dalloway Danforth Delacorte Drummond Eastlake Ellsworth Fairweather
    Fenwick Fontaine Galloway Garrick Greenhalgh Hathaway Hawksmoor Hollis Ingersoll Jessop Kellaway Kestrel
    Kingsley Lanyon Larkspur Lindqvist Lockwood Marchbanks Merriweather Nightingale Oakhurst Okafor Ormond
    Pemberton Penhallow Quill Ravensdale Redgrave Rosewood Sandoval Silverton Thistlewood Trelawney Underhill
    Vandermeer Whitlock Yarrow"""
)

DOMAINS: tuple[str, ...] = ("example.com", "example.net", "example.org")

COMPANY_FIRST: tuple[str, ...] = _words(
    """Amber Birch Blue Brass Cedar Clover Copper Coral Crescent Dune Elm Ember Fern Field Garnet Granite Harbor
    Hazel Indigo Iron Ivy Juniper Lantern Linden Maple Marble Meadow Mill Moss North Oak Olive Orchard Pebble
    Pine Quarry River Saffron Silver Slate Sparrow Stone Summit Tide Timber Velvet Walnut Willow"""
)
COMPANY_LAST: tuple[str, ...] = (
    "Cafe", "Bakery", "Inn", "Bistro", "Catering", "Hotel", "Bookstore Cafe", "Yoga Studio", "Deli", "Guest House",
)  # fmt: skip

REGIONS: tuple[tuple[str, str], ...] = (
    ("Massachusetts", "Boston"),
    ("Massachusetts", "Cambridge"),
    ("Massachusetts", "Worcester"),
    ("Massachusetts", "Lowell"),
    ("Rhode Island", "Providence"),
    ("New Hampshire", "Nashua"),
    ("Connecticut", "Hartford"),
    ("New York", "New York"),
    ("Maine", "Portland"),
    ("California", "Los Angeles"),
)

#: Area codes of the neighbourhood; the rest of the numbers go on with every other three digits.
HOME_AREA_CODES: tuple[int, ...] = (617, 857, 508, 781, 978, 339, 774, 351, 413, 401, 603)

STORES: tuple[str, ...] = ("Harbor Street", "Mill Lane")
CASHIERS: tuple[tuple[str, ...], ...] = (("Wanda K.", "Piet O.", "Solveig R."), ("Dario M.", "Yun S."))
SALES_PEOPLE: tuple[str, ...] = ("Marta Okonjo", "Stellan Reyes")
