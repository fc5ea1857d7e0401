"""The kinds of key that are generated here: a row for each algorithm, and a row for each size or curve of it.

The libraries are imported where they are needed: every screen names keys, and the first is painted before they load.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from csr_tui.core.findings import InvalidError
from csr_tui.core.record import KeySpec

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa

PrivateKey: TypeAlias = (
    "rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | "
    "mldsa.MLDSA44PrivateKey | mldsa.MLDSA65PrivateKey | mldsa.MLDSA87PrivateKey"
)
PublicKey: TypeAlias = (
    "rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | "
    "mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey"
)
"""Both in quotes: nothing here loads the library, and it has ML-DSA from version 49 on only."""


class Algorithm(NamedTuple):
    """What all sizes or curves of an algorithm have in common; `name` as a record and CreateCSR spell it.

    `parameter_of` gives the size or curve of a public key, and None for a key of another algorithm. `openssl` are the
    words behind `openssl req -newkey`. `digest` is what requests are signed with; empty where the key has its own.
    `cryptography_from` is the oldest that has it, and `openssl_from` the oldest OpenSSL, where older ones are in use;
    with `pkcs12` it can be written into PKCS#12.
    """

    name: str
    label: str
    spellings: tuple[str, ...]
    oids: tuple[str, ...]
    generate: Callable[[str], PrivateKey]
    parameter_of: Callable[[object], str | None]
    openssl: str
    digest: str = ""
    slow: bool = False
    cryptography_from: str = ""
    openssl_from: tuple[int, int] = (0, 0)
    pkcs12: bool = True

    @property
    def openssl_needed(self) -> str:
        """Which OpenSSL knows it; an empty text where all do."""
        return f"OpenSSL {'.'.join(map(str, self.openssl_from))} or later" if any(self.openssl_from) else ""


class KeyKind(NamedTuple):
    """A kind of key, what it is good for, and who takes it; `spellings` are other names of its size or curve.

    `doubt` warns of the public CAs that refuse it for TLS, although their rules allow it.
    """

    algorithm: Algorithm
    parameter: str
    label: str
    meaning: str
    public: bool = True
    tencent: bool = False
    spellings: tuple[str, ...] = ()
    doubt: str = ""

    @property
    def spec(self) -> KeySpec:
        """As a record has it."""
        return KeySpec(self.algorithm.name, self.parameter)

    @property
    def signature(self) -> str:
        """What a request with such a key is signed with."""
        return self.algorithm.digest or self.label

    def owns(self, public: object) -> bool:
        """Whether a public key is of this kind."""
        return self.algorithm.parameter_of(public) == self.parameter


def _generate_rsa(size: str) -> PrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(65537, int(size))


def _rsa_size(public: object) -> str | None:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return str(public.key_size) if isinstance(public, rsa.RSAPublicKey) else None


def _generate_ecc(curve: str) -> PrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    curves = {"prime256v1": ec.SECP256R1(), "secp384r1": ec.SECP384R1(), "secp521r1": ec.SECP521R1()}
    return ec.generate_private_key(curves[curve])


def _ecc_curve(public: object) -> str | None:
    from cryptography.hazmat.primitives.asymmetric import ec

    if not isinstance(public, ec.EllipticCurvePublicKey):
        return None
    return "prime256v1" if isinstance(public.curve, ec.SECP256R1) else public.curve.name


def _generate_ed25519(_: str) -> PrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ed25519

    return ed25519.Ed25519PrivateKey.generate()


def _ed25519(public: object) -> str | None:
    from cryptography.hazmat.primitives.asymmetric import ed25519

    return "ed25519" if isinstance(public, ed25519.Ed25519PublicKey) else None


def _generate_ml_dsa(size: str) -> PrivateKey:
    from cryptography.hazmat.primitives.asymmetric import mldsa

    match size:
        case "44":
            return mldsa.MLDSA44PrivateKey.generate()
        case "65":
            return mldsa.MLDSA65PrivateKey.generate()
    return mldsa.MLDSA87PrivateKey.generate()


def _ml_dsa(public: object) -> str | None:
    try:
        from cryptography.hazmat.primitives.asymmetric import mldsa
    except ImportError:  # before cryptography 47
        return None

    kinds = {mldsa.MLDSA44PublicKey: "44", mldsa.MLDSA65PublicKey: "65", mldsa.MLDSA87PublicKey: "87"}
    return next((size for kind, size in kinds.items() if isinstance(public, kind)), None)


RSA = Algorithm(
    "RSA",
    "RSA",
    spellings=(),
    oids=("1.2.840.113549.1.1.1",),
    generate=_generate_rsa,
    parameter_of=_rsa_size,
    openssl="rsa:{}",
    digest="SHA-256",
    slow=True,
)
ECC = Algorithm(
    "ECC",
    "ECC",
    spellings=("EC", "ECDSA"),
    oids=("1.2.840.10045.2.1",),
    generate=_generate_ecc,
    parameter_of=_ecc_curve,
    openssl="ec -pkeyopt ec_paramgen_curve:{}",
    digest="SHA-256",
)
ED25519 = Algorithm(
    "ED25519",
    "Ed25519",
    spellings=("EDDSA",),
    oids=("1.3.101.112",),
    generate=_generate_ed25519,
    parameter_of=_ed25519,
    openssl="ed25519",
)
ML_DSA = Algorithm(
    "ML-DSA",
    "ML-DSA",
    spellings=("MLDSA",),
    oids=("2.16.840.1.101.3.4.3.17", "2.16.840.1.101.3.4.3.18", "2.16.840.1.101.3.4.3.19"),
    generate=_generate_ml_dsa,
    parameter_of=_ml_dsa,
    openssl="ML-DSA-{}",
    cryptography_from="49",
    openssl_from=(3, 5),
    pkcs12=False,
)

KINDS = (
    KeyKind(RSA, "2048", "RSA 2048", "The safe choice: every CA, server and device accepts it.", tencent=True),
    KeyKind(RSA, "3072", "RSA 3072", "Stronger and slower. Tencent Cloud does not offer it."),
    KeyKind(RSA, "4096", "RSA 4096", "Stronger still; slow to generate, and slow in each handshake.", tencent=True),
    KeyKind(
        ECC,
        "prime256v1",
        "ECC P-256",
        "Small, fast, as strong as RSA 3072. Not for devices older than 2012.",
        tencent=True,
        spellings=("p256", "nistp256", "secp256r1"),
    ),
    KeyKind(
        ECC,
        "secp384r1",
        "ECC P-384",
        "For policies that require it. Tencent Cloud does not offer it.",
        spellings=("p384", "nistp384"),
    ),
    KeyKind(
        ECC,
        "secp521r1",
        "ECC P-521",
        "For policies that require it. Let's Encrypt refuses it.",
        spellings=("p521", "nistp521"),
        doubt="Let's Encrypt refuses ECC P-521: choose ECC P-256 or P-384, or ask another CA.",
    ),
    KeyKind(ED25519, "ed25519", "Ed25519", "Small and fast. Neither public CAs nor browsers accept it.", public=False),
    KeyKind(
        ML_DSA,
        "65",
        "ML-DSA-65",
        "Post-quantum. OpenSSL 3.5, Java 24 and later read it.",
        public=False,
        spellings=("mldsa65",),
    ),
    KeyKind(ML_DSA, "44", "ML-DSA-44", "Smaller; NIST security category 2.", public=False, spellings=("mldsa44",)),
    KeyKind(ML_DSA, "87", "ML-DSA-87", "Larger; NIST security category 5.", public=False, spellings=("mldsa87",)),
)
"""The first of an algorithm is its usual one."""

ALGORITHMS = tuple(dict.fromkeys(kind.algorithm for kind in KINDS))

_BY_SPEC = {kind.spec: kind for kind in KINDS}

_BY_TYPE: dict[type, Algorithm | None] = {}
"""The libraries' types of public keys that have been seen."""


def kind_of(spec: KeySpec) -> KeyKind | None:
    """The kind of key that this spec names, if there is one."""
    return _BY_SPEC.get(spec)


def generate(spec: KeySpec) -> PrivateKey:
    """A new key of this kind; InvalidError for one that is not generated here."""
    kind = kind_of(spec)
    if kind is None:
        raise InvalidError(f"csr-tui does not generate {label_of(spec)} keys.")
    require(spec)
    return kind.algorithm.generate(kind.parameter)


@cache
def missing(algorithm: Algorithm) -> str:
    """Why keys of this algorithm cannot be used on this machine; an empty text where they can.

    Tried out once, and only for an algorithm that not every cryptography has: some have its keys, but no requests.
    """
    if not algorithm.cryptography_from:
        return ""
    from cryptography import __version__, x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        key = algorithm.generate(of_algorithm(algorithm.name)[0].parameter)
        x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, None)
    except (ImportError, TypeError, UnsupportedAlgorithm):
        needed = f"cryptography {algorithm.cryptography_from} or later with {algorithm.openssl_needed}"
        return f"{algorithm.label} keys need the Python package {needed}; {__version__} is installed."
    return ""


def require(spec: KeySpec) -> None:
    """InvalidError, with the reason, where keys of this kind cannot be used on this machine."""
    kind = kind_of(spec)
    if kind is not None and (why := missing(kind.algorithm)):
        raise InvalidError(why)


def label_of(spec: KeySpec) -> str:
    """What people call such a key, of a kind that is generated here or not."""
    kind = kind_of(spec)
    return kind.label if kind else f"{spec.algorithm} {spec.parameter}"


def algorithm_named(name: str) -> Algorithm | None:
    """The algorithm that a record or CreateCSR calls so."""
    return next((one for one in ALGORITHMS if one.name == name), None)


def algorithm_with(oid: str) -> Algorithm | None:
    """The algorithm whose keys have this object identifier."""
    return next((one for one in ALGORITHMS if oid in one.oids), None)


@cache
def of_algorithm(name: str) -> tuple[KeyKind, ...]:
    """The kinds of an algorithm, the usual one first; none where there is no such algorithm."""
    return tuple(kind for kind in KINDS if kind.algorithm.name == name)


def algorithm_of(public: object) -> Algorithm | None:
    """The algorithm of a public key, whatever its size or curve; None for one that is not used here."""
    kind = type(public)
    if kind not in _BY_TYPE:
        _BY_TYPE[kind] = next((one for one in ALGORITHMS if one.parameter_of(public) is not None), None)
    return _BY_TYPE[kind]


def is_slow(spec: KeySpec) -> bool:
    """Whether such a key takes a tenth of a second or more to generate."""
    kind = kind_of(spec)
    return kind is not None and kind.algorithm.slow


def either(words: list[str] | tuple[str, ...], word: str = "or") -> str:
    """Words of a list as a person says them."""
    *others, last = words
    return f"{', '.join(others)} {word} {last}" if others else last
