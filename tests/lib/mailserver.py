# SPDX-License-Identifier: MIT
#
# A server that says just enough of its protocols for a client to come to TLS,
# and presents certificates there.  For tests.
#
#	mailserver.py ADDRESS[,...] PORT=PROTOCOL[,...] CHAIN KEY [CHAIN KEY]
#
# Protocols are those of the table, and tls.  A protocol with a final '-' does
# not offer STARTTLS, one with '!' refuses it, one with '?' says nonsense, and
# one with '.' nothing at all.  On SIGHUP it loads its certificates again.
import signal
import socket
import ssl
import sys
import threading

FEATURES = "<stream:features>%s</stream:features>"
STREAM = ("<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
          "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>")
XMPP_OFFER = ("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>"
              "<required/></starttls>")
XMPP_PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
XMPP_FAILURE = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
LDAP_OK = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"
LDAP_BAD = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00"

# greeting; then, for what the client says: (its beginning, reply with the
# offer, reply without); the one that begins TLS is the last.
XMPP = ("", [("<?xml", STREAM + FEATURES % XMPP_OFFER, STREAM + FEATURES % ""),
             ("<starttls", XMPP_PROCEED, XMPP_FAILURE)])
PROTOCOLS = {
    "smtp": ("220-wait\r\n220 mx.example ESMTP\r\n",
             [("EHLO", "250-mx.example\r\n250-STARTTLS\r\n250 HELP\r\n",
               "250-mx.example\r\n250 HELP\r\n"),
              ("STARTTLS", "220 go ahead\r\n", "454 not now\r\n")]),
    "imap": ("* OK ready\r\n",
             [("a CAPABILITY",
               "* CAPABILITY IMAP4rev1 STARTTLS\r\na OK done\r\n",
               "* CAPABILITY IMAP4rev1\r\na OK done\r\n"),
              ("a STARTTLS", "a OK begin\r\n", "a BAD no\r\n")]),
    "pop3": ("+OK ready\r\n", [("STLS", "+OK begin\r\n", "-ERR no\r\n")]),
    "sieve": ('"IMPLEMENTATION" "x"\r\n"STARTTLS"\r\nOK "ready"\r\n',
              [("STARTTLS", 'OK "begin"\r\n', 'NO "no"\r\n')]),
    "nntp": ("200 ready\r\n",
             [("STARTTLS", "382 go\r\n", "502 no\r\n")]),
    "xmpp-client": XMPP,
    "xmpp-server": XMPP,
    "ldap": ("", [("\x30", LDAP_OK, LDAP_BAD)]),
}


def octets(text):
    return text if isinstance(text, bytes) else text.encode()


def starttls(connection, protocol):
    """Talk until TLS begins; False if it does not."""
    flag = protocol[-1] if protocol[-1] in "-!?." else ""
    greeting, exchanges = PROTOCOLS[protocol.rstrip("-!?.")]
    if flag == "?":
        connection.sendall(b"one two three\r\n")
        return False
    if flag == ".":
        connection.recv(1)
        return False
    if flag == "-" and protocol.startswith("sieve"):
        greeting = greeting.replace('"STARTTLS"\r\n', "")
    connection.sendall(octets(greeting))
    for number, (begin, reply, bare) in enumerate(exchanges):
        said = connection.recv(4096)
        if not said.startswith(octets(begin)):
            return False
        is_last = number == len(exchanges) - 1
        is_bare = flag == "!" if is_last else flag == "-"
        if is_last and len(exchanges) == 1:
            is_bare = flag in ("!", "-") and flag != ""
        connection.sendall(octets(bare if is_bare else reply))
        if is_bare and is_last:
            return False
    return True


def serve(connection, protocol, contexts):
    connection.settimeout(20)
    try:
        if protocol != "tls" and not starttls(connection, protocol):
            connection.recv(1)
            return
        with contexts[0].wrap_socket(connection, server_side=True) as tls:
            tls.recv(1)
    except OSError:
        pass
    finally:
        connection.close()


def listen(address, port, protocol, contexts):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(16)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, daemon=True,
                         args=(connection, protocol, contexts)).start()


def context_new():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for at in range(3, len(sys.argv), 2):
        context.load_cert_chain(sys.argv[at], sys.argv[at + 1])
    return context


def main():
    # Blocked in every thread, and waited for: none is lost, and none comes in
    # the middle of something.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    contexts = [context_new()]
    threads = []
    for address in sys.argv[1].split(","):
        for pair in sys.argv[2].split(","):
            port, protocol = pair.split("=")
            threads.append(threading.Thread(
                target=listen, args=(address, int(port), protocol, contexts),
                daemon=True))
    for thread in threads:
        thread.start()
    while True:
        signal.sigwait({signal.SIGHUP})
        contexts[0] = context_new()


main()
