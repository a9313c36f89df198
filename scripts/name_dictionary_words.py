"""Words listed by hand for the name dictionaries: titles, suffixes, legal forms, street types, null words.

Each line of a table is `canonical: spelling | spelling ...`; the canonical form is a spelling of its own. They are
our own work, under the project's licence. `build_name_dictionaries.py` turns them into dictionary files.
"""

# Titles before a name, by the sex they tell.
HONORIFICS = {
    "male": """
        Mr: mister | mr
        Sir:
        Lord:
        Fr: father
        Herr: hr
        Monsieur:
        Senor: señor
        Signor: sig
        Dhr: de heer
        Shri: shree | sri | sree | shriman | श्री | श्रीमान | শ্রী | શ્રી | ଶ୍ରୀ | ശ്രീ | శ్రీ
        Thiru: thiru
        Babu:
        Sardar:
        Pandit: pt
        Maulana: moulana
        Haji: alhaj | alhaji
        Sheikh: shaikh | shaykh
    """,
    "female": """
        Mrs: missus | misses
        Ms:
        Miss: mis
        Dame:
        Lady:
        Madam: madame | mme
        Mlle: mademoiselle
        Frau: fr.
        Fräulein: frl
        Senora: señora | sra
        Senorita: señorita | srta
        Signora: sig.ra
        Mevr: mevrouw | mw
        Smt: shrimati | srimati | shreemati | श्रीमती | શ્રીમતી | ଶ୍ରୀମତୀ
        Sushri: सुश्री | ସୁଶ୍ରୀ
        Kumari: kum | km | कुमारी | કુમારી | କୁମାରୀ
        Tmt: thirumathi
        Selvi:
        Begum: bagum
    """,
    "": """
        Mx:
        Dr: doctor | doc | drs | dr. med. | ডঃ | ডাঃ | डॉ
        Prof: professor
        Rev: reverend | revd | the rev
        Hon: honourable | honorable | the hon
        Rabbi:
        Imam:
        Ing: ingeniero | dipl.-ing.
        Dott: dottore | dott.ssa
        Er: engr | ইঞ্জিঃ
        Adv: advocate
        Capt: captain
        Col: colonel
        Lt Col: lieutenant colonel
        Lt: lieutenant
        Maj: major
        Gen: general
        Brig: brigadier
        Sgt: sergeant
        Cpl: corporal
        Adm: admiral
        Cmdr: commander | cdr
    """,
}

# What follows a name.
SUFFIXES = """
    Jr: junior | jnr
    Sr: senior | snr
    II: 2nd
    III: 3rd
    IV: 4th
    V: 5th
    VI: 6th
    Esq: esquire
    PhD: ph.d. | dphil
    MD: m.d.
    DDS:
    DMD:
    DVM:
    DO:
    JD:
    LLB:
    LLM:
    MBA:
    MA:
    BA:
    MSc:
    BSc:
    EdD:
    PsyD:
    PharmD:
    CPA:
    CFA:
    RN:
    FCA:
    MBBS:
    FRCS:
    MRCP:
    OBE:
    MBE:
    CBE:
    KBE:
    IAS:
    IPS:
    Retd: retired
"""

# Words of the two tables above that are never taken for a name, though some list of names holds them.
NEVER_A_NAME = {"mr", "mrs", "ms", "mis", "miss", "dr", "doc", "prof", "rev", "smt", "jr", "sr", "ii", "iii", "iv", "md", "phd"}

# Full names that the list of nicknames gives as nicknames of others. Each may once have come from the other name; today its
# bearers are called so.
FULL_NAMES = set("""
    alice amelia angel anthony carl carole carrie catherine clara claire daisy deborah debra dorothy elaine eleanor elizabeth ella ellen
    emily emma frances george grace hannah harold harriet helen henry hugh ian irene isabel jane janet jean jill joan joy joyce kelly lauren lawrence
    leah lee leon lisa lloyd louis louise lucille lucy luke lynn marc margaret maria marie marjorie mark martha martin mary maureen maxine
    megan melissa michelle morgan nancy nathan neil nora norma peter rachel raymond rhonda rita roland rose ross roy ruby sherry simon sophia stella
    theodore tracy victor victoria vivian walter wendy
""".split())

# Legal forms of organisations.
LEGAL_FORMS = """
    Inc: incorporated
    Corp: corporation
    Co: company
    LLC: l.l.c. | limited liability company | limited liability co
    LLP: limited liability partnership
    LP: limited partnership
    PLLC: professional limited liability company
    PC: professional corporation
    Ltd: limited
    PLC: public limited company
    CIC: community interest company
    Pty Ltd: proprietary limited | pty limited
    Pvt Ltd: private limited | pvt limited | private ltd | p ltd | (p) ltd | (pvt) ltd
    OPC Pvt Ltd: one person company private limited
    Co Ltd: company limited | co limited
    Pte Ltd: private limited company | pte limited
    Sdn Bhd: sendirian berhad
    Bhd: berhad
    PT: perseroan terbatas
    Tbk: terbuka
    GmbH: gesellschaft mit beschränkter haftung | ges.m.b.h. | mbh
    gGmbH: gemeinnützige gmbh
    GmbH & Co KG: gmbh und co kg | gmbh + co kg
    UG: unternehmergesellschaft | ug (haftungsbeschränkt)
    AG: aktiengesellschaft
    KG: kommanditgesellschaft
    KGaA: kommanditgesellschaft auf aktien
    OHG: offene handelsgesellschaft
    eG: eingetragene genossenschaft
    eV: e.v. | eingetragener verein
    eK: e.k. | eingetragener kaufmann
    GbR: gesellschaft bürgerlichen rechts
    SE: societas europaea
    SA: société anonyme | sociedad anónima | sociedade anónima
    SAS: société par actions simplifiée
    SARL: société à responsabilité limitée
    EURL:
    SNC: société en nom collectif
    SpA: società per azioni
    Srl: società a responsabilità limitata | s.r.l.
    Sas: società in accomandita semplice
    SL: sociedad limitada
    SLU: sociedad limitada unipersonal
    SA de CV: sociedad anónima de capital variable
    S de RL de CV:
    Ltda: limitada
    SRL de CV:
    Lda:
    NV: naamloze vennootschap
    BV: besloten vennootschap
    CV: commanditaire vennootschap
    VOF: vennootschap onder firma
    BVBA:
    AB: aktiebolag
    HB: handelsbolag
    AS: aksjeselskap
    ASA: allmennaksjeselskap
    A/S: aktieselskab
    ApS: anpartsselskab
    Oy: osakeyhtiö
    Oyj: julkinen osakeyhtiö
    hf: hlutafélag
    ehf: einkahlutafélag
    Sp z oo: sp. z o.o. | spółka z ograniczoną odpowiedzialnością
    sro: s.r.o. | spol. s r.o.
    as: akciová společnost
    Kft: korlátolt felelősségű társaság
    Zrt:
    Nyrt:
    doo: d.o.o. | društvo s ograničenom odgovornošću
    dd: d.d.
    EOOD: еоод
    OOD: оод
    OOO: ооо | общество с ограниченной ответственностью
    ZAO: зао
    OAO: оао
    PAO: пао
    AO: ао
    AŞ: anonim şirketi | a.ş.
    Ltd Şti: limited şirketi
    EIRL: empresa individual de responsabilidad limitada
    KK: kabushiki kaisha | k.k. | 株式会社
    GK: godo kaisha | 合同会社
    FZE:
    FZCO:
    FZ LLC:
    WLL: with limited liability
    JSC: joint stock company
"""

# Types of street and what stands beside them in an address, with the abbreviation that post offices use.
STREET_TYPES = """
    St: street | str
    Ave: avenue | av | aven
    Rd: road
    Dr: drive | drv
    Ln: lane
    Blvd: boulevard | boul | bvd
    Ct: court | crt
    Cts: courts
    Pl: place
    Plz: plaza
    Sq: square
    Ter: terrace | terr
    Trl: trail
    Pkwy: parkway | pky | pkway
    Hwy: highway | hiway
    Expy: expressway
    Fwy: freeway
    Tpke: turnpike
    Cir: circle | circ
    Cres: crescent | crsnt
    Cl: close
    Aly: alley
    Xing: crossing
    Jct: junction
    Grv: grove
    Gdns: gardens | gdn | garden
    Hts: heights | hgts
    Mnr: manor
    Mt: mount
    Ests: estates
    Est: estate
    Way:
    Mews:
    Row:
    Walk:
    Loop:
    Pike:
    Rte: route
    Quay:
    Apt: apartment | appt
    Ste: suite
    Bldg: building
    Fl: floor | flr
    Rm: room
    Unit:
    Flat: flt
    Blk: block
    Sec: sector
    Ph: phase
    Nagar: ngr | nager
    Marg: maarg
    Chowk: chawk | chouk
    Gali: gully | galli
    Mohalla: muhalla | mohlla
    Colony: clny
    Vihar: vihaar
    Enclave: encl
    Layout: lyt
    Soc: society
    Nr: near
    Opp: opposite
    Calle: c/
    Avda: avenida | avd
    Plaza de:
    Rue:
    Allee:
    Platz: pl.
    Weg:
    Straat:
    Laan:
    Via:
    Viale: v.le
    Piazza: p.za
"""

# Words that never are a value, whatever the column.
NEVER_A_VALUE = """
    null | (null) | <null> | [null] | {null} | \\n | \\\\n | nan | #n/a | #na | #null! | #ref! | #value! | #div/0! | #name? | #num!
    n/a | n.a. | n.a | n/v | <na> | - | -- | --- | . | .. | ... | ? | ?? | ??? | _ | * | <none> | <blank> | <empty> | (blank) | (empty)
"""

# Words that say that a value is not known; a category may hold one of them on purpose.
NOT_KNOWN = """
    na | none | nil | unknown | unkn | unk | not known | not available | not applicable | not provided | not given
    not specified | not stated | not supplied | unspecified | undefined | missing | blank | empty | no data | no value
    not disclosed | undisclosed | withheld | none given | none provided | no name | noname | no email | no e-mail
    no phone | no mobile | no address | no number | tbd | tba | tbc | to be confirmed | to be advised
    xx | xxx | xxxx | xxxxx | fnu | lnu | unbekannt | keine angabe | keine angaben | k.a. | k. a. | inconnu | inconnue
    desconocido | desconocida | sconosciuto | onbekend | okänd
"""
