// Components of a cluster in one binary: started by a component's name, it is that component.
//
// What they share is compiled and linked once. Build tags choose the components: with_etcd, with_kube_apiserver and so on.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// components holds what the build tags have chosen: each runs with the arguments of the process and returns its exit code.
var components = map[string]func() int{}

func main() {
	if component, ok := components[filepath.Base(os.Args[0])]; ok {
		os.Exit(component())
	}
	names := make([]string, 0, len(components))
	for name := range components {
		names = append(names, name)
	}
	sort.Strings(names)
	fmt.Fprintf(os.Stderr, "%s: start this as %s\n", os.Args[0], strings.Join(names, ", "))
	os.Exit(2)
}
