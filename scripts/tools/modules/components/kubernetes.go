//go:build with_kube_apiserver || with_kube_controller_manager || with_kube_scheduler

package main

// What the main packages of these components register beside the component itself.
import (
	_ "time/tzdata"

	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
)
