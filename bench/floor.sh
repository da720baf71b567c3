#!/bin/sh
# The floor of bench/embedded.ts: the shortest fast way to Ready nodes and the default service account with plain processes.
# usage: BIN=DIR PORTS='ETCD PEER API KCM SCHEDULER KWOK' NODES=N floor.sh EMPTY_DIR   (process ids are left in EMPTY_DIR/pids)
# ETCD_ARGS, APISERVER_ARGS, KCM_ARGS and SCHEDULER_ARGS take the place of the tuned arguments: bench/tuning.ts measures those.
# shellcheck disable=SC2086 # ports and arguments are lists of words
set -eu
cd "$1"
limits='--kube-api-qps=300 --kube-api-burst=600'
etcd_args=${ETCD_ARGS---unsafe-no-fsync} apiserver_args=${APISERVER_ARGS-}
kcm_args=${KCM_ARGS-$limits} scheduler_args=${SCHEDULER_ARGS-$limits}
set -- $PORTS
etcd=http://127.0.0.1:$1 peer=http://127.0.0.1:$2 api=https://127.0.0.1:$3 token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
start() { name=$1 && shift && "$BIN/$name" "$@" >"$name.log" 2>&1 & echo $! >>pids; }
call() { curl -sf --cacert tls.crt -H "@auth" -H 'Content-Type: application/json' "$@"; }

start etcd --data-dir=etcd $etcd_args --listen-client-urls="$etcd" --advertise-client-urls="$etcd" \
  --listen-peer-urls="$peer" --initial-advertise-peer-urls="$peer" --initial-cluster="default=$peer"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=floor -addext subjectAltName=IP:127.0.0.1 \
  -keyout tls.key -out tls.crt 2>/dev/null
echo "$token,floor,floor,system:masters" >tokens.csv
echo "Authorization: Bearer $token" >auth
start kube-apiserver $apiserver_args --etcd-servers="$etcd" --bind-address=127.0.0.1 --secure-port="$3" --authorization-mode=Node,RBAC \
  --tls-cert-file=tls.crt --tls-private-key-file=tls.key --token-auth-file=tokens.csv --service-cluster-ip-range=10.0.0.0/16 \
  --service-account-issuer=https://kubernetes.default.svc --service-account-key-file=tls.crt --service-account-signing-key-file=tls.key
cat >kubeconfig <<END
{"apiVersion": "v1", "kind": "Config", "current-context": "floor", "contexts": [{"name": "floor", "context": {"cluster": "floor", "user": "floor"}}],
 "clusters": [{"name": "floor", "cluster": {"server": "$api", "certificate-authority": "tls.crt"}}], "users": [{"name": "floor", "user": {"token": "$token"}}]}
END

until call "$api/version" >/dev/null; do sleep 0.05; done
client='--kubeconfig=kubeconfig --bind-address=127.0.0.1 --leader-elect=false --tls-cert-file=tls.crt --tls-private-key-file=tls.key'
start kube-controller-manager $client $kcm_args --secure-port="$4" \
  --service-account-private-key-file=tls.key --root-ca-file=tls.crt
start kube-scheduler $client $scheduler_args --secure-port="$5"
start kwok --kubeconfig=kubeconfig --config=stages.yaml --manage-all-nodes --node-lease-duration-seconds=40 --node-ip=127.0.0.1 --server-address="127.0.0.1:$6"
size='{"cpu": "8", "memory": "16Gi", "pods": "1000"}'
for node in $(seq "$NODES"); do
  call "$api/api/v1/nodes" -o /dev/null -d '{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-'"$node"'"},
    "status": {"capacity": '"$size"', "allocatable": '"$size"'}}'
done

ready() { call "$api/api/v1/nodes" | tr -d ' \n' | grep -o '"status":"True","[^}]*"reason":"KubeletReady"' | wc -l; }
until [ "$(ready)" -eq "$NODES" ]; do sleep 0.05; done
until call "$api/api/v1/namespaces/default/serviceaccounts/default" >/dev/null; do sleep 0.05; done
call "$api/readyz" >/dev/null
