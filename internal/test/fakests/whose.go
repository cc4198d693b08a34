package fakests

// Whose is the principal that these credentials belong to at this time, for another fake that is shown them; "" for nobody.
// The console takes those of a role's session alone.
func (s *Server) Whose(id, secret, token string) (arn string, isRole bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.keys[id]
	if k == nil || k.secret != secret || k.token != token || !k.expires.IsZero() && !k.expires.After(s.config.Now()) {
		return "", false
	}
	return k.who.ARN, k.who.Role != ""
}
