//go:build linux

// Command atonce starts a program several times at the same moment and prints in one line: milliseconds until the last one
// had ended, failures, different access key ids in the answers, STS calls, and the peak memory of the largest in KiB. A shell
// would measure itself; that is why scripts/bench.sh uses this.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// batch is what became of all of them.
type batch struct {
	mu       sync.Mutex
	failures int
	keys     map[string]bool
	peak     int64
}

func main() {
	n := flag.Int("n", 1, "how many")
	sts := flag.String("sts", "", "URL of the fake STS, to count its calls")
	delay := flag.Duration("delay", 0, "how long that STS takes for a call")
	flag.Parse()
	if err := run(*n, *sts, *delay, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "atonce:", err)
		os.Exit(1)
	}
}

func run(n int, sts string, delay time.Duration, command []string) error {
	if err := setDelay(sts, delay); err != nil {
		return err
	}
	defer setDelay(sts, 0)
	before, err := calls(sts)
	if err != nil {
		return err
	}
	b := batch{keys: map[string]bool{}}
	start := make(chan struct{})
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			<-start
			b.one(command)
		})
	}
	began := time.Now()
	close(start)
	all.Wait()
	took := time.Since(began)
	after, err := calls(sts)
	fmt.Printf("%.1f %d %d %d %d\n", took.Seconds()*1000, b.failures, len(b.keys), after-before, b.peak)
	return err
}

func (b *batch) one(command []string) {
	cmd := exec.Command(command[0], command[1:]...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		b.failures++
		fmt.Fprintf(os.Stderr, "atonce: %v: %s", err, stderr.Bytes())
		return
	}
	var answer struct{ AccessKeyId string }
	if json.Unmarshal(stdout.Bytes(), &answer) == nil && answer.AccessKeyId != "" {
		b.keys[answer.AccessKeyId] = true
	}
	b.peak = max(b.peak, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
}

func setDelay(sts string, delay time.Duration) error {
	if sts == "" {
		return nil
	}
	faults := "[]"
	if delay > 0 {
		faults = fmt.Sprintf(`[{"kind": "delay", "by": "%s"}]`, delay)
	}
	answer, err := http.Post(sts+"/_faults", "application/json", strings.NewReader(faults))
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// calls is the number of calls that STS has had.
func calls(sts string) (int, error) {
	if sts == "" {
		return 0, nil
	}
	answer, err := http.Get(sts + "/_calls")
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	log, err := io.ReadAll(answer.Body)
	return bytes.Count(log, []byte("\n")), err
}
