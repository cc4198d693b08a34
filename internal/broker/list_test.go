package broker

import "testing"

func TestFits(t *testing.T) {
	const arn = "arn:aws:iam::"
	for _, c := range []struct {
		template, text string
		want           bool
	}{
		{arn + "1:role/a", arn + "1:role/a", true},
		{arn + "1:role/a", arn + "1:role/ab", false},
		{arn + "{account_id}:role/a", arn + "1:role/a", true},
		{arn + "{account_id}:role/a", arn + "1:role/b", false},
		{arn + "{account_id}:role/{team}", arn + "1:role/x/y", true},
		{arn + "{account_id}:role/tf-{team}-{region}", arn + "1:role/tf-a-eu-west-1", true},
		{arn + "{account_id}:role/tf-{team}-x", arn + "1:role/tf-a-eu-west-1", false},
		{"{a}{b}", "", true},
		{"{a", "{a", false},
	} {
		if got := fits(c.template, c.text); got != c.want {
			t.Errorf("%s, %s: %t", c.template, c.text, got)
		}
	}
}
