"""What the held-out texts are made of: kinds of numbers and tokens, and the forms that people write them in.

It must never be changed to please a rule: it was written before the rules saw it.
"""
# ruff: noqa: E501  one kind of text a line reads best

from __future__ import annotations

import string

UPPER, LOWER, DIGITS = string.ascii_uppercase, string.ascii_lowercase, string.digits
ALNUM, HEX, URL = UPPER + LOWER + DIGITS, DIGITS + "abcdef", UPPER + LOWER + DIGITS + "-_"
CARD_TYPES = (
    "amex",
    "diners",
    "discover",
    "jcb15",
    "jcb16",
    "maestro",
    "mastercard",
    "visa13",
    "visa16",
    "visa19",
)
PUBLIC_CARDS = """
4242424242424242 4000056655665556 5555555555554444 2223003122003222 5200828282828210 5105105105105100
378282246310005 371449635398431 6011111111111117 6011000990139424 6011981111111113 3056930009020004
36227206271667 6555900000604105 3566002020360505 6200000000000005 6205500000000000004 4111111111111111
5019717010103742 30569309025904 6011000400000000 3528000700000000 6759649826438453 4917300800000000
4484070000000000 4012888888881881 4222222222222 5019555544445555 6304000000000000 6799990100000000019
122000000000003 2200000000000004 9792000000000001 6521111111111117 5066991111111118 4035501000000008
""".split()  # noqa: SIM905
IBAN_LOCALES = """
az_AZ bn_BD cs_CZ de_AT de_CH de_DE da_DK el_GR en_GB en_IE en_PH es_AR es_ES fa_IR fi_FI fr_CH fr_FR it_CH it_IT
nl_BE nl_NL no_NO pl_PL pt_BR pt_PT ro_RO sk_SK tr_TR uk_UA
""".split()  # noqa: SIM905
TALK = (
    "{v}", "My {n} is {v}.", "{n}: {v}", "Hi team,\n\nplease update my {n} to {v}, thanks\nJo", "{n} {v} (confirmed by phone)",
    '{{"id": 7, "{k}": "{v}", "active": true}}', "{k}: {v}\nname: Jo\n", "UPDATE people SET {k} = '{v}' WHERE id = 7;",
    "name;{k};city\nJo;{v};Ulm", "[2026-11-21 10:01:07] INFO {k}={v} user=jo ip=-", "<{k}>{v}</{k}>", "| {n} | {v} |\n|---|---|",
    "Customer wrote: \u201cmy {n} is {v}\u201d", "https://crm.example/p?{k}={v}&tab=2", "{n} = {v}; valid", "Wie besprochen, {n} {v}. Danke!",
    "Voici mon {n} : {v}", "*{n}*: `{v}`", "({n}: {v})", "assert find(\"{v}\").{k}", "{n}\n{v}\n", "{n} - {v} - checked",
    "Re: {n} {v}?", "\t{k}\t{v}\tok",
)  # fmt: skip
# name, words for it, module of python-stdnum, shape (d digit, A letter, y m D a birth date), other ways to write it
IDS = (
    ("us-ssn", "SSN", "us.ssn", "ddd-dd-dddd", ("3 2 4",)), ("us-itin", "ITIN", "us.itin", "9dd-dd-dddd", ("3 2 4", "3-2-4")),
    ("us-ein", "EIN", "us.ein", "dd-ddddddd", ("2-7",)), ("us-routing", "routing number", "us.rtn", "0Pddddddd", ()),
    ("uk-nhs", "NHS number", "gb.nhs", "dddddddddd", ("3 3 4", "3-3-4")), ("uk-utr", "UTR", "gb.utr", "dddddddddd", ("5 5",)),
    ("at-svnr", "SVNR", "at.vnr", "ddddDDmmyy", ("4 6",)), ("be-nn", "rijksregisternummer", "be.nn", "yymmDDddddd", ("2.2.2-3.2",)),
    ("bg-egn", "ЕГН", "bg.egn", "yymmDDdddd", ()), ("ch-ahv", "AHV-Nummer", "ch.ssn", "756dddddddddd", ("3.4.4.2",)),
    ("cz-rc", "rodné číslo", "cz.rc", "yymmDDdddd", ("6/4",)), ("sk-rc", "rodné číslo", "sk.rc", "yymmDDdddd", ("6/4",)),
    ("de-idnr", "Steuer-ID", "de.idnr", "ddddddddddd", ("2 3 3 3",)), ("dk-cpr", "CPR-nummer", "dk.cpr", "DDmmyydddd", ("6-4",)),
    ("ee-ik", "isikukood", "ee.ik", "3yymmDDdddd", ()), ("es-dni", "DNI", "es.dni", "ddddddddA", ("8-1",)),
    ("es-nie", "NIE", "es.nie", "XdddddddA", ("1-7-1",)), ("fi-hetu", "henkilötunnus", "fi.hetu", "DDmmyy-dddB", ()),
    ("fr-nir", "numéro de sécurité sociale", "fr.nir", "1yymm75dddddddd", ("1 2 2 2 3 3 2",)),
    ("gr-amka", "ΑΜΚΑ", "gr.amka", "DDmmyyddddd", ()), ("gr-afm", "ΑΦΜ", "gr.vat", "ddddddddd", ()),
    ("hr-oib", "OIB", "hr.oib", "ddddddddddd", ()), ("ie-pps", "PPS number", "ie.pps", "dddddddA", ("7 1",)),
    ("it-cf", "codice fiscale", "it.codicefiscale", "CCCCCCyyKDDCdddA", ()), ("it-iva", "partita IVA", "it.iva", "ddddddddddd", ()),
    ("lt-ak", "asmens kodas", "lt.asmens", "3yymmDDdddd", ()), ("nl-bsn", "BSN", "nl.bsn", "ddddddddd", ("4.2.3",)),
    ("no-fnr", "fødselsnummer", "no.fodselsnummer", "DDmmyyddddd", ("6 5",)), ("pl-pesel", "PESEL", "pl.pesel", "yymmDDddddd", ()),
    ("pl-nip", "NIP", "pl.nip", "dddddddddd", ("3-3-2-2",)), ("pt-nif", "NIF", "pt.nif", "ddddddddd", ("3 3 3",)),
    ("ro-cnp", "CNP", "ro.cnp", "1yymmDD12dddd", ()), ("se-pnr", "personnummer", "se.personnummer", "yymmDD-dddd", ()),
    ("si-emso", "EMŠO", "si.emso", "DDmm9yy50dddd", ()), ("is-kt", "kennitala", "is_.kennitala", "DDmmyydddd", ("6-4",)),
)  # fmt: skip
WITH_EXAMPLES = {
    "us.ssn", "us.itin", "us.rtn", "gb.nhs", "be.nn", "ch.ssn", "cz.rc", "de.idnr", "dk.cpr", "ee.ik", "es.dni", "es.nie", "fi.hetu",
    "fr.nir", "hr.oib", "ie.pps", "it.codicefiscale", "nl.bsn", "no.fodselsnummer", "pl.pesel", "ro.cnp", "se.personnummer", "iban", "luhn",
}  # fmt: skip
ASSIGNED = (
    '{i}Token="{s}"', '{i}Token = "{s}"', "{i}Token={s}\n", "{i}_token = {s}\n", '{{\n  "{i}_token": "{s}"\n}}', "<{i}Token>{s}</{i}Token>",
    "{i}_token: {s}\n", "{i}_token: '{s}'", '{i}_token: "{s}"', 'string {i}Token = "{s}";', 'var {i}Token string = "{s}"', '{i}Token := "{s}"',
    "const {i}Token = '{s}';", "export {I}_TOKEN={s}\n", 'export {I}_TOKEN="{s}"', "ENV {I}_TOKEN={s}\n", '  "{i}Token" => "{s}"', "{I}_TOKEN ?= \"{s}\"",
    "set {i}_token {s}\n", "{i}_secret_key='{s}'", "{I}_API_KEY={s} # production\n", "{i}.api.key={s}\n", "--{i}-token={s} --verbose", "<add key=\"{i}Token\" value=\"{s}\" />",
)  # fmt: skip
LOOSE = (
    "Here is the token: {s}", "use {s}, it works", "curl -H 'Authorization: Bearer {s}' https://api.example.com/v1", "leaked {s}.", "(see {s})",
    "https://api.example.com/hook?key={s}", "```\n{s}\n```", "{s}", "old={s};new=none", "2026-11-21 ERROR auth failed for {s}\n", '["{s}"]', "Token\u00a0{s}",
)  # fmt: skip
# tokens that their own head gives away: name, pieces, each a text or (pool, size)
HEADED: tuple[tuple[str, tuple[object, ...]], ...] = (
    ("aws", ("AK", "IA", (UPPER + "234567", 16))), ("aws", ("AS", "IA", (UPPER + "234567", 16))), ("github", ("gh", "p_", (ALNUM, 36))),
    ("github", ("gh", "o_", (ALNUM, 36))), ("github", ("gh", "s_", (ALNUM, 36))), ("github", ("gh", "u_", (ALNUM, 36))), ("github", ("gh", "r_", (ALNUM, 36))),
    ("github", ("github", "_pat_", (ALNUM, 22), "_", (ALNUM, 59))), ("gitlab", ("glpat", "-", (URL, 20))), ("gitlab", ("glrt", "-", (URL, 20))),
    ("gitlab", ("gldt", "-", (URL, 20))), ("gitlab", ("glptt", "-", (HEX, 40))), ("gitlab", ("glsoat", "-", (URL, 20))), ("slack", ("xoxb", "-", (DIGITS, 12), "-", (DIGITS, 12), "-", (ALNUM, 24))),
    ("slack", ("xoxp", "-", (DIGITS, 12), "-", (DIGITS, 12), "-", (DIGITS, 12), "-", (HEX, 32))), ("slack", ("xapp", "-1-A", (UPPER + DIGITS, 10), "-", (DIGITS, 13), "-", (HEX, 64))),
    ("slack", ("https://hooks.slack", ".com/services/T", (UPPER + DIGITS, 10), "/B", (UPPER + DIGITS, 10), "/", (ALNUM, 24))),
    ("stripe", ("sk", "_live_", (ALNUM, 24))), ("stripe", ("rk", "_live_", (ALNUM, 24))), ("stripe", ("sk", "_test_", (ALNUM, 24))), ("google", ("AI", "za", (URL, 35))),
    ("npm", ("npm", "_", (ALNUM, 36))), ("pypi", ("pypi", "-AgEIcHlwaS5vcmc", (URL, 80))), ("sendgrid", ("SG", ".", (URL, 22), ".", (URL, 43))),
    ("huggingface", ("hf", "_", (UPPER + LOWER, 34))), ("digitalocean", ("dop", "_v1_", (HEX, 64))), ("digitalocean", ("doo", "_v1_", (HEX, 64))), ("digitalocean", ("dor", "_v1_", (HEX, 64))),
    ("shopify", ("shpat", "_", (HEX, 32))), ("shopify", ("shpca", "_", (HEX, 32))), ("shopify", ("shppa", "_", (HEX, 32))), ("shopify", ("shpss", "_", (HEX, 32))),
    ("anthropic", ("sk-ant", "-api03-", (URL, 93), "AA")), ("anthropic", ("sk-ant", "-admin01-", (URL, 93), "AA")), ("databricks", ("da", "pi", (HEX, 32))), ("linear", ("lin", "_api_", (ALNUM, 40))),
    ("openai", ("sk", "-", (ALNUM, 20), "T3Blbk", "FJ", (ALNUM, 20))), ("openai", ("sk", "-proj-", (URL, 74), "T3Blbk", "FJ", (URL, 74))),
    ("mailgun", ("key", "-", (HEX, 32))), ("mailchimp", ((HEX, 32), "-us", (DIGITS, 2))), ("postman", ("PM", "AK-", (HEX, 24), "-", (HEX, 34))), ("doppler", ("dp", ".pt.", (ALNUM, 43))),
    ("dynatrace", ("dt0", "c01.", (UPPER + DIGITS, 24), ".", (UPPER + DIGITS, 64))), ("easypost", ("EZ", "AK", (ALNUM, 54))), ("easypost", ("EZ", "TK", (ALNUM, 54))), ("flutterwave", ("FLWSECK", "_TEST-", (HEX[:8], 32), "-X")),
    ("frameio", ("fio", "-u-", (URL, 64))), ("grafana", ("gl", "sa_", (ALNUM, 32), "_", (HEX, 8))), ("grafana", ("gl", "c_", (ALNUM, 48))), ("hashicorp", ((ALNUM, 14), ".atlas", "v1.", (URL, 66))),
    ("vault", ("hv", "s.", (URL, 95))), ("vault", ("hv", "b.", (URL, 150))), ("linear", ("lin", "_api_", (LOWER + DIGITS, 40))), ("netlify", ("nfp", "_", (ALNUM, 36))), ("newrelic", ("NRAK", "-", (UPPER + DIGITS, 27))),
    ("planetscale", ("pscale", "_tkn_", (URL, 43))), ("planetscale", ("pscale", "_pw_", (URL, 43))), ("prefect", ("pn", "u_", (LOWER + DIGITS, 36))), ("pulumi", ("pu", "l-", (HEX, 40))), ("readme", ("rd", "me_", (LOWER + DIGITS, 70))),
    ("rubygems", ("ruby", "gems_", (HEX, 48))), ("sentry", ("sntr", "yu_", (HEX, 64))), ("shippo", ("shippo", "_live_", (HEX, 40))), ("sonar", ("sq", "p_", (HEX, 40))), ("square", ("sq0", "atp-", (URL, 22))),
    ("square", ("EA", "AA", (ALNUM, 60))), ("telegram", ((DIGITS, 9), ":A", (URL, 34))), ("twilio", ("S", "K", (HEX, 32))), ("typeform", ("tfp", "_", (URL, 59))), ("age", ("AGE-SECRET", "-KEY-1", ("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58))),
    ("clojars", ("CLOJARS", "_", (LOWER + DIGITS, 60))), ("duffel", ("duffel", "_test_", (URL, 43))), ("intra42", ("s-s4t2ud", "-", (HEX, 64))), ("sidekiq", ("https://", (HEX, 8), ":", (HEX, 8), "@gems.contribsys", ".com/")),
    ("perplexity", ("pplx", "-", (ALNUM, 48))), ("1password", ("ops", "_eyJ", (ALNUM, 260))), ("alibaba", ("LT", "AI", (LOWER + DIGITS, 20))), ("defined", ("dn", "key-", (ALNUM, 26), "-", (ALNUM, 52))), ("scalingo", ("tk-us", "-", (URL, 48))),
    ("microsoft", ("https://contoso.webhook", ".office.com/webhookb2/", (HEX, 8), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 12), "@", (HEX, 8), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 12), "/IncomingWebhook/", (HEX, 32), "/", (HEX, 8), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 12))),
    ("harness", ("pat", ".", (URL, 22), ".", (HEX, 24), ".", (ALNUM, 20))), ("infracost", ("ico", "-", (ALNUM, 32))), ("artifactory", ("AKC", "p", (ALNUM, 69))), ("octopus", ("API", "-", (UPPER + DIGITS, 26))), ("flyio", ("fo1", "_", (URL, 43))),
    ("adobe", ("p8e", "-", (LOWER + DIGITS, 32))), ("openshift", ("sha256", "~", (URL, 43))), ("snyk", ("snyk_uat.", (HEX, 8), ".", (URL, 40))), ("settlemint", ("sm", "_pat_", (ALNUM, 16))), ("privateai", ("privateai_key=", (LOWER + DIGITS, 32))),
)  # fmt: skip
# tokens that only the name beside them gives away
NAMED: tuple[tuple[str, str, int], ...] = (
    ("adafruit", LOWER + DIGITS, 32), ("airtable", LOWER + DIGITS, 17), ("algolia", LOWER + DIGITS, 32), ("asana", LOWER + DIGITS, 32), ("atlassian", LOWER + DIGITS, 24),
    ("beamer", "b_" + LOWER, 0), ("bitbucket", LOWER + DIGITS, 64), ("bittrex", LOWER + DIGITS, 32), ("cloudflare", LOWER + DIGITS, 40), ("codecov", LOWER + DIGITS, 32), ("coinbase", LOWER + DIGITS, 64),
    ("confluent", LOWER + DIGITS, 16), ("datadog", LOWER + DIGITS, 40), ("discord", HEX, 64), ("droneci", LOWER + DIGITS, 32), ("dropbox", LOWER + DIGITS, 15), ("etsy", LOWER + DIGITS, 24), ("facebook", HEX, 32),
    ("fastly", LOWER + DIGITS, 32), ("finicity", HEX, 32), ("finnhub", LOWER + DIGITS, 20), ("flickr", LOWER + DIGITS, 32), ("freshbooks", LOWER + DIGITS, 64), ("gitter", LOWER + DIGITS, 40), ("hubspot", "", 36), ("intercom", LOWER + DIGITS, 60),
    ("kraken", LOWER + DIGITS, 80), ("kucoin", HEX, 24), ("launchdarkly", LOWER + DIGITS, 40), ("linkedin", LOWER + DIGITS, 16), ("mattermost", LOWER + DIGITS, 26), ("messagebird", LOWER + DIGITS, 25), ("netlify", LOWER + DIGITS, 43),
    ("nytimes", LOWER + DIGITS, 32), ("okta", "", 42), ("sendbird", HEX, 40), ("squarespace", "", 36), ("sumologic", LOWER + DIGITS, 64), ("travis", LOWER + DIGITS, 22), ("trello", ALNUM, 32), ("twitch", LOWER + DIGITS, 30), ("twitter", LOWER + DIGITS, 50),
    ("yandex", "", 0), ("zendesk", LOWER + DIGITS, 40), ("service_password", ALNUM, 20), ("my_api", ALNUM, 32), ("client_secret", HEX, 64), ("auth", ALNUM, 40), ("encryption_key", HEX, 32),
)  # fmt: skip
