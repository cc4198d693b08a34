package source

import (
	"strconv"
	"strings"
	"time"

	"whichrole/internal/awsconfig"
	"whichrole/internal/partition"
)

// Limits of a session, in seconds (the AssumeRole page of the AWS STS API reference): of any, of a role's, and of a role's
// that another role's session assumes (role chaining).
const (
	minSession = 900
	maxSession = 43200
	maxChained = 3600
)

// addRole puts the profile's role at the end of the recipe.
func (c *Choice) addRole(p *awsconfig.Profile, arn awsconfig.Setting) error {
	h := Hop{RoleARN: arn.Text(), Where: arn.String()}
	if !isRoleARN(h.RoleARN) {
		return flaw(p, "it looks like arn:aws:iam::111111111111:role/NAME", "%s is not the ARN of a role", named(arn))
	}
	var err error
	if h.SessionName, err = words(p, "role_session_name", namePunctuation, 2, 64); err != nil {
		return err
	}
	if h.ExternalID, err = words(p, "external_id", namePunctuation+":/", 2, 1224); err != nil {
		return err
	}
	if c.Token != nil && len(c.Hops) == 0 {
		h.ExternalID = "" // AssumeRoleWithWebIdentity takes none, and the SDKs leave it out
	}
	seconds, err := duration(p, maxSession)
	if err != nil {
		return err
	}
	if c.Temporary() {
		seconds = min(seconds, maxChained)
	}
	h.Duration = time.Duration(seconds) * time.Second
	c.Hops = append(c.Hops, h)
	c.Description = "role " + h.RoleARN + " from " + c.Description
	return nil
}

// isRoleARN takes arn:PARTITION:iam::ACCOUNT:role/PATH/NAME, as the IAM API reference has it: a path of printable ASCII, a
// name of 1 to 64 characters.
func isRoleARN(s string) bool {
	parts := strings.SplitN(s, ":", 6)
	if len(s) > 2048 || len(parts) != 6 || parts[0] != "arn" || !partition.Known(parts[1]) || parts[2] != "iam" || parts[3] != "" {
		return false
	}
	resource, ok := strings.CutPrefix(parts[5], "role/")
	end := strings.LastIndexByte(resource, '/') + 1
	path, name := resource[:end], resource[end:]
	return ok && isAccount(parts[4]) && name != "" && len(name) <= 64 && consistsOf(name, wordCharacters+namePunctuation) &&
		strings.IndexFunc(path, invisible) < 0 && !strings.HasPrefix(path, "/")
}

func isAccount(s string) bool { return len(s) == 12 && consistsOf(s, digits) }

// words is a setting of least to most letters, digits, _ and the given punctuation; "" where it is not there.
func words(p *awsconfig.Profile, key, punctuation string, least, most int) (string, error) {
	s, ok := set(p, key)
	if ok && (len(s.Text()) < least || len(s.Text()) > most || !consistsOf(s.Text(), wordCharacters+punctuation)) {
		return "", flaw(p, "", "%s must be %d to %d characters of A-Z a-z 0-9 _%s", named(s), least, most, punctuation)
	}
	return s.Text(), nil
}

// duration is the profile's duration_seconds, 0 where it is not there.
func duration(p *awsconfig.Profile, most int) (seconds int, err error) {
	s, ok := set(p, "duration_seconds")
	if !ok {
		return 0, nil
	}
	seconds, err = strconv.Atoi(s.Text())
	if err != nil || seconds < minSession || seconds > most {
		return 0, flaw(p, "", "%s must be a number from %d to %d", named(s), minSession, most)
	}
	return seconds, nil
}
