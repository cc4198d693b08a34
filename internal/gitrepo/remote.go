package gitrepo

import "strings"

// RepositoryName is the last part of a remote's URL or path, without .git; "" where there is none.
func RepositoryName(url string) string {
	_, path := normalise(url)
	path = path[strings.LastIndexAny(path, `/\`)+1:]
	if path == "." || path == ".." {
		return ""
	}
	return path
}

// SameRemote tells whether two ways to write a remote mean the same one: github.com/acme/infra, git@github.com:acme/infra.git,
// https://github.com/acme/infra and ssh://git@github.com:22/acme/infra.git do. Scheme, user and port don't count, the host
// counts in any case, the path as it is but for .git and slashes at its ends. A path on this machine equals only such a path.
func SameRemote(a, b string) bool {
	hostA, pathA := normalise(a)
	hostB, pathB := normalise(b)
	return pathA != "" && pathA == pathB && strings.EqualFold(hostA, hostB)
}

// normalise takes a remote apart as git does (git-fetch(1), "GIT URLS"). host is "" for a path on this machine.
func normalise(remote string) (host, path string) {
	scheme, rest, isURL := strings.Cut(remote, "://")
	colon, slash := strings.IndexByte(remote, ':'), strings.IndexAny(remote, `/\`)
	switch {
	case isURL && strings.EqualFold(scheme, "file"):
		return "", trimPath(rest)
	case isURL:
		host, path, _ = strings.Cut(rest, "/")
		host = withoutPort(withoutUser(host))
	case strings.HasPrefix(remote, "/") || strings.HasPrefix(remote, ".") || colon == 1: // C:\infra
		return "", trimPath(remote)
	case strings.Contains(remote, "]:"): // git@[::1]:infra
		host, path, _ = strings.Cut(remote, "]:")
		host = withoutUser(host + "]")
	case colon > 0 && (slash < 0 || colon < slash): // git@host:path
		host, path = remote[:colon], remote[colon+1:]
		host = withoutUser(host)
	default: // host/path, as people write it
		host, path, _ = strings.Cut(remote, "/")
		host = withoutUser(host)
	}
	return host, strings.TrimLeft(trimPath(path), "/")
}

func withoutUser(authority string) string {
	return authority[strings.LastIndexByte(authority, '@')+1:]
}

func withoutPort(host string) string {
	colon := strings.LastIndexByte(host, ':')
	if colon < 0 || strings.HasSuffix(host, "]") || strings.Trim(host[colon+1:], "0123456789") != "" {
		return host
	}
	return host[:colon]
}

// trimPath cuts slashes off the end, and one .git.
func trimPath(path string) string {
	path = strings.TrimRight(path, `/\`)
	return strings.TrimRight(strings.TrimSuffix(path, ".git"), `/\`)
}
