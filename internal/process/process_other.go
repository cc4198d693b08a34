//go:build !linux && !darwin && !windows

package process

import (
	"errors"
	"runtime"
)

func self() (seen, error) { return seen{}, errors.New("not known how on " + runtime.GOOS) }

func look(int) (seen, error) { return seen{}, errGone } // nobody asks, as self fails
