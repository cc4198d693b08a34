package problem

// Nearest is the candidate that name was most likely meant to be, or "" when none is near enough to suggest.
// It compares by edit distance (insert, delete, replace, swap of neighbours); a common prefix also counts as near.
func Nearest(name string, candidates []string) string {
	best, bestDistance := "", 1+max(len(name), 2)/2
	for _, c := range candidates {
		d := distance(name, c)
		if len(name) >= 2 && len(c) > len(name) && c[:len(name)] == name {
			d = 1
		}
		if d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// distance is the optimal string alignment distance in bytes; names longer than 64 bytes are never near.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
