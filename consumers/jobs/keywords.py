"""The words that lead to jobs, in English, French, Kinyarwanda and Swahili."""

from __future__ import annotations

JOBS = (
    *("job", "jobs", "work", "employment", "hire", "career", "apply", "cv", "resume", "gig", "vacancy"),
    *("emploi", "emplois", "travail", "boulot", "embauche", "recrutement", "postuler", "carrière"),
    *("akazi", "umurimo", "imirimo"),
    *("kazi", "ajira", "kibarua", "vibarua"),
)
FIND = (
    *("find job", "find jobs", "find a job", "find work", "search jobs", "look for job", "looking for a job"),
    *("trouver un emploi", "trouver du travail", "chercher un emploi", "chercher du travail"),
    *("cherche un emploi", "cherche du travail", "cherche emploi", "cherche travail"),
    *("shaka akazi", "gushaka akazi", "ndashaka akazi", "nshakira akazi"),
    *("tafuta kazi", "kutafuta kazi", "natafuta kazi"),
)
POST = (
    *("post job", "post jobs", "post a job", "offer a job", "hire someone", "hire somebody"),
    *("publier un emploi", "publier une offre", "offre d'emploi", "proposer un emploi"),
    *("tanga akazi", "gutanga akazi", "ntanga akazi", "ndatanga akazi"),
    *("tangaza kazi", "weka kazi", "toa kazi", "natoa kazi"),
)
MY_APPLICATIONS = (
    *("my applications", "my application"),
    *("mes candidatures", "ma candidature"),
    *("ubusabe bwanjye", "ibyo nasabye"),
    *("maombi yangu", "ombi langu"),
)
MY_JOBS = (
    *("my job", "my jobs", "applicants"),
    *("mes offres", "mon offre", "candidats"),
    *("akazi natanze", "abasabye akazi"),
    *("kazi zangu", "kazi yangu", "waombaji"),
)
