//go:build with_kube_scheduler

package main

import (
	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func init() {
	components["kube-scheduler"] = func() int { return cli.Run(app.NewSchedulerCommand()) }
}
