"""Tells how a name sounds in France, as a short key that names sounding alike share.

After the ideas of Frédéric Brouard's Phonex (1999: whole groups of letters make a sound, nasals are digits) and of
FONEM (Bouchard, Brard and Lavoie, Population 36-6, 1981: rules in order, written for family names); the rules are ours. Both
drop less than Soundex does: vowels stay, so « Palard » and « Poulard » differ.
"""

import re

from fsbus.core.catalog import normalise

_RULES = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        # Families of one name whose spelling a rule would not reach.
        (r"^m[ou]+h?am+[ae]d", "moamed"),  # Mohamed, Mohammed, Muhammad, Mouhamed
        (r"^n+g[uyi]+", "nG"),  # Nguyen, Nguyên, Ngyen
        (r"f(?:eb|eu|e)vre|febure", "fevre"),  # Lefebvre, Lefeuvre, Lefèvre, Lefébure
        (r"([a-z])\1+", r"\1"),
        # Consonants written with several letters.
        (r"ichae", "ikae"),
        (r"s?ch(?=[lrnt])", "k"),
        (r"s?ch|sh", "C"),
        (r"ph", "f"),
        (r"h", ""),
        (r"nc(?=oi|on$|alve)", "ns"),  # Francois, Lancon, Goncalves: folded, or typed without their cedilla
        (r"c?qu|ck|q", "k"),
        (r"sc(?=[eiy])|c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"gn", "ni"),
        (r"gu(?=[eiy])", "G"),
        (r"ge(?=[aou])|g(?=[eiy])", "j"),
        (r"G", "g"),
        (r"w", "v"),
        (r"bv", "v"),
        (r"[td]?[zs]+", "s"),
        (r"dt", "t"),
        (r"aul(?=[td])", "au"),
        # Ends that are not heard.
        (r"e?au(?:[lt]+[sx]?|[dxs]+)?$", "o"),
        (r"rc[sk]?$|rk$", "r"),
        (r"(?<=[^aeou]i)er$", "e"),
        # Vowels, then those through the nose, before a consonant or at the end.
        (r"(?<=[aeou])il(?:$|(?=[aeiou]))", "i"),
        (r"oe?u(?=[rfv])|eu|oeu", "2"),
        (r"e?au", "o"),
        (r"ou|oo", "u"),
        (r"y", "i"),
        (r"ien(?![aeiou])", "i1"),
        (r"(?:ai|ei|i|u)[nm](?![aeiou2])", "1"),
        (r"e?[ae][nm](?![aeiou2])", "3"),
        (r"o[nm](?![aeiou2])", "4"),
        (r"a?ei|ai|ae|oe", "e"),
        (r"ie(?=[^aeiou0-9])", "i"),
        (r"(?:[stpx]|(?<![ei])d)+$", ""),  # « Girard », but « Ahmed », « David »
        (r"e$", ""),
        (r"(.)\1+", r"\1"),
    )
)


def sound(name: str) -> str:
    """The key of one name, accents or not; empty when nothing of it is a letter or a digit. Any text is safe.

    Names in letters other than Latin ones are their own key.
    """
    folded = normalise(name).replace(" ", "")
    key = folded
    for pattern, replaced in _RULES:
        key = pattern.sub(replaced, key)
    return key or folded
