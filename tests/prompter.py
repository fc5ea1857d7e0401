"""A person in front of gnome-keyring's password window: ignores it, dismisses it, or types a password.

Run with `never`, `dismiss`, or `answer` and a password on standard input; says "ready", then "asked" for each window.
It takes the place of gcr-prompter on a bus without a display, and speaks its protocol (gcr's gcr-dbus-constants.h and
gcr-secret-exchange.c).
"""

from __future__ import annotations

import base64
import os
import secrets
import sys

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.padding import PKCS7
from jeepney import DBusAddress, MessageType, new_method_call, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import Proxy, open_dbus_connection

CALLBACK = "org.gnome.keyring.internal.Prompter.Callback"
PRIME = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA237327FFFFFFFFFFFFFFFF",
    16,
)
"""The 1536-bit MODP group of RFC 3526."""


def exchanged(theirs: str, password: str) -> str:
    """The password, encrypted for the side that sent this exchange."""
    public = int.from_bytes(base64.b64decode(theirs.split("public=")[1].split("\n")[0]), "big")
    mine = secrets.randbits(1000)
    shared = pow(public, mine, PRIME).to_bytes(192, "big")
    key = HKDF(SHA256(), 16, salt=None, info=b"").derive(shared)
    vector = os.urandom(16)
    padder = PKCS7(128).padder()
    padded = padder.update(password.encode()) + padder.finalize()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    hidden = encryptor.update(padded) + encryptor.finalize()
    fields = {"public": pow(2, mine, PRIME).to_bytes(192, "big"), "secret": hidden, "iv": vector}
    return "[sx-aes-1]\n" + "".join(f"{name}={base64.b64encode(value).decode()}\n" for name, value in fields.items())


def main(mode: str, password: str) -> None:
    connection = open_dbus_connection()
    Proxy(message_bus, connection).RequestName("org.gnome.keyring.SystemPrompter", 0)
    print("ready", flush=True)
    while True:
        message = connection.receive()
        if message.header.message_type is not MessageType.method_call:
            continue
        connection.send(new_method_return(message))
        member, sender = message.header.fields[3], message.header.fields[7]
        if member == "StopPrompting":
            continue
        window = DBusAddress(message.body[0], sender, CALLBACK)

        def tell(reply: str, exchange: str = "", window: DBusAddress = window) -> None:
            connection.send(new_method_call(window, "PromptReady", "sa{sv}s", (reply, {}, exchange)))

        if member == "BeginPrompting":
            tell("")
        elif member == "PerformPrompt":
            print("asked", flush=True)
            if mode == "dismiss":
                tell("no")
            elif mode == "answer":
                tell("yes", exchanged(message.body[3], password))


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin.readline().rstrip("\n") if sys.argv[1] == "answer" else "")
