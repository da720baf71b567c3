//go:build with_kwok

package main

import (
	"fmt"
	"os"

	"github.com/spf13/pflag"
	"sigs.k8s.io/kwok/pkg/config"
	"sigs.k8s.io/kwok/pkg/kwok/cmd"
	"sigs.k8s.io/kwok/pkg/log"
	"sigs.k8s.io/kwok/pkg/utils/signals"
)

func init() {
	components["kwok"] = func() int {
		// The libraries of Kubernetes have defined a global --version that is not the one of cobra, which adds global flags.
		pflag.CommandLine = pflag.NewFlagSet(os.Args[0], pflag.ExitOnError)
		flags := pflag.NewFlagSet("global", pflag.ContinueOnError)
		flags.ParseErrorsAllowlist.UnknownFlags = true
		flags.Usage = func() {}
		ctx, logger := log.InitFlags(signals.SetupSignalContext(), flags)
		ctx, err := config.InitFlags(ctx, flags)
		if err != nil {
			fmt.Fprint(os.Stderr, flags.FlagUsages())
			logger.Error("Init config flags", "err", err)
			return 1
		}
		command := cmd.NewCommand(ctx)
		command.PersistentFlags().AddFlagSet(flags)
		if err := command.ExecuteContext(ctx); err != nil {
			logger.Error("Execute exit", "err", err)
			return 1
		}
		return 0
	}
}
