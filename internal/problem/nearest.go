package problem

import "math"

// maxNear bounds the names that are compared, in bytes: a longer one is never near.
const maxNear = 64

// Nearest is the candidate that name was most likely meant to be, or "" when none is near enough to suggest.
// It compares by edit distance (insert, delete, replace, swap of neighbours); a common prefix also counts as near.
//
// The candidates may be tens of thousands and come from a hostile file: it allocates nothing.
func Nearest(name string, candidates []string) string {
	best, bestDistance := "", 1+max(len(name), 2)/2
	for _, c := range candidates {
		d := bestDistance
		switch {
		case len(name) >= 2 && len(c) > len(name) && c[:len(name)] == name:
			d = 1
		case len(c)-len(name) < bestDistance && len(name)-len(c) < bestDistance: // else it cannot be nearer
			d = distance(name, c)
		}
		if d < bestDistance && d < max(len(name), len(c)) { // with every letter another it is no neighbour
			best, bestDistance = c, d
		}
	}
	return best
}

// distance is the optimal string alignment distance in bytes.
func distance(a, b string) int {
	if len(a) > maxNear || len(b) > maxNear {
		return math.MaxInt
	}
	var rows [3][maxNear + 1]int // before, above, here
	before, above, here := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		here[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			here[j] = min(above[j]+1, here[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				here[j] = min(here[j], before[j-2]+1)
			}
		}
		before, above, here = above, here, before
	}
	return above[len(b)]
}
