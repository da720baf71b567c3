#!/bin/sh
# How the scripts did it that hoist takes the place of: one command after another, a kubectl for each object.
# usage: baseline.sh setup               fills the cluster of $KUBECONFIG: namespaces, secrets, core resources of files/
#        baseline.sh k3d NAME AGENTS     makes a cluster with k3d's defaults first, and checks its health last
# NAMESPACES is a list with commas; DOCKER_CONFIG_JSON is the content of the secret that each of them gets.
set -eu
files=$(dirname "$0")/../files
namespaces=$(echo "${NAMESPACES:-development,staging,cert-manager,ingress-nginx,monitoring,logging}" | tr , ' ')

setup() {
  for namespace in $namespaces; do
    kubectl create namespace "$namespace"
  done
  for namespace in $namespaces; do
    printf %s "${DOCKER_CONFIG_JSON:?}" | kubectl create secret generic registry-credentials --namespace "$namespace" \
      --type kubernetes.io/dockerconfigjson --from-file .dockerconfigjson=/dev/stdin
  done
  kubectl apply --filename "$files/nodelocaldns-configmap.yaml"
  kubectl apply --filename "$files/local-path-storage.yaml"
  for namespace in $namespaces; do
    kubectl apply --namespace "$namespace" --filename "$files/default-network-policies.yaml"
    kubectl apply --namespace "$namespace" --filename "$files/resource-quotas.yaml"
  done
}

health() {
  kubectl get --raw /readyz
  kubectl wait --for condition=Ready node --all --timeout 120s
  kubectl --namespace kube-system rollout status deployment/coredns --timeout 120s
}

case ${1-} in
  setup) setup ;;
  k3d)
    k3d cluster create "$2" --agents "$3"
    setup
    health
    ;;
  *)
    sed -n '3,5s/^# //p' "$0" >&2
    exit 2
    ;;
esac
