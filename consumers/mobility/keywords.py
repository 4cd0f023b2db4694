"""The words that bring a person here, in English, French, Kinyarwanda and Swahili: whole words, lower case.

Core adds the plural in s by itself, and counts a keyword of several words as many.
"""

from __future__ import annotations

BOOK_RIDE = (
    *("ride", "trip", "taxi", "moto", "transport", "book", "delivery", "cab"),
    *("course", "trajet", "réserver", "livraison", "voyage"),
    *("urugendo", "gutega", "tega", "tagisi", "umumotari"),
    *("safari", "usafiri", "bodaboda", "teksi", "pikipiki"),
)
NEARBY_DRIVERS = (
    *("nearby", "driver"),
    *("chauffeur", "proximité"),
    *("umushoferi", "abashoferi", "abamotari"),
    *("dereva", "madereva"),
)
NEARBY_PASSENGERS = (
    *("passenger", "nearby passenger"),
    *("passager",),
    *("umugenzi", "abagenzi"),
    *("abiria",),
)
SCHEDULE = (
    *("schedule", "scheduled"),
    *("planifier", "horaire"),
    *("teganya", "guteganya"),
    *("panga", "ratiba"),
)
GO_ONLINE = (
    *("online", "go online", "drive"),
    *("en ligne", "conduire"),
    *("ku murongo", "gutwara"),
    *("mtandaoni",),
)
MY_TRIPS = (
    *("my trip", "my ride", "my scheduled trip"),
    *("mes trajets", "mes courses"),
    *("ingendo zanjye",),
    *("safari zangu",),
)
SUBSCRIPTION = (
    *("subscription", "subscribe", "my subscription", "free trip"),
    *("abonnement", "mon abonnement"),
    *("ifatabuguzi", "ifatabuguzi ryanjye"),
    *("usajili", "usajili wangu"),
)
