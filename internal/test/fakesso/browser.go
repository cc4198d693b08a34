package fakesso

import (
	"fmt"
	"io"
	"net/http"
)

// Browse is a browser: it opens the URL and follows where it is sent, as far as this machine's own addresses. It comes back at
// once, as opening a browser does.
func Browse(url string) error {
	go Visit(url)
	return nil
}

// Visit is Browse that waits, and gives the last page.
func Visit(url string) (page string, err error) {
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	r.Close = true // no connection is left behind
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("HTTP %d: %s", resp.StatusCode, text)
	}
	return string(text), err
}
