package eventstore_test

const crashDirEnv = "EVENTSTORE_CRASH_DIR"

func crashChild(dir string) int { return 0 }
