package tfaction

import (
	"strings"

	"whichrole/internal/found"
)

const (
	maxGlob         = 512 // bytes
	maxAlternatives = 64  // that the braces of one glob make together
)

// translate makes doublestar's patterns of minimatch's, without braces. Not ok: there is something in it that the two read
// differently, or that nobody writes.
func translate(glob string) (patterns []string, ok bool) {
	if len(glob) > maxGlob || strings.ContainsAny(glob, `()[]\`) || strings.ContainsAny(glob[:1], "!#") { // a set may match a slash for doublestar
		return nil, false
	}
	if patterns, ok = expand(glob); !ok {
		return nil, false
	}
	for i, p := range patterns {
		for s := range strings.SplitSeq(p, "/") {
			if s == "" || s[0] == '.' || strings.Contains(s, "***") {
				return nil, false
			}
		}
		if base, ok := strings.CutSuffix(p, "/**"); ok { // a/** is not about a for minimatch
			patterns[i] = base + "/**/*"
		}
		if !found.Valid(patterns[i]) {
			return nil, false
		}
	}
	return patterns, true
}

// expand makes aws/a and aws/b of aws/{a,b}: braces come before all else. Braces in braces, ranges and lonely braces are not ok.
func expand(glob string) (list []string, ok bool) {
	list = []string{""}
	for {
		before, after, open := strings.Cut(glob, "{")
		if strings.ContainsRune(before, '}') {
			return nil, false
		}
		list = each(list, before)
		if !open {
			return list, true
		}
		inside, rest, closed := strings.Cut(after, "}")
		if !closed || strings.ContainsRune(inside, '{') || !strings.ContainsRune(inside, ',') || strings.Contains(inside, "..") {
			return nil, false
		}
		parts := strings.Split(inside, ",")
		if len(list)*len(parts) > maxAlternatives {
			return nil, false
		}
		list, glob = each(list, parts...), rest
	}
}

// each is every text followed by every part.
func each(texts []string, parts ...string) (list []string) {
	for _, t := range texts {
		for _, p := range parts {
			list = append(list, t+p)
		}
	}
	return list
}
