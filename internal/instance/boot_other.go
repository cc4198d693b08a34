//go:build !linux && !darwin

package instance

// bootID is not known: what Windows tells of its start moves with the clock.
func bootID() string { return "" }
