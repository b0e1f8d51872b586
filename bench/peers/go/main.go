// fastschema/qjs: QuickJS-ng on wazero, a qjs.Runtime for each VM. The module is compiled once in a
// process and shared, as the package does by itself.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/fastschema/qjs"
)

type limits struct {
	memoryBytes   int
	stackBytes    int
	time          time.Duration
	interruptible bool
}

var roomy = limits{memoryBytes: 512 << 20, stackBytes: 512 << 10, time: 2 * time.Minute}

type vm struct {
	runtime *qjs.Runtime
	cancel  context.CancelFunc
	time    time.Duration
}

// create makes a VM. Its runs end only by the cancellation of its context (MaxExecutionTime is not
// looked at), and only with CloseOnContextDone, which slows all scripts down: so `interruptible` is
// for the task that needs it.
func create(with limits) (*vm, error) {
	ctx, cancel := context.WithCancel(context.Background())
	made, err := qjs.New(qjs.Option{
		Context:            ctx,
		CloseOnContextDone: with.interruptible,
		MemoryLimit:        with.memoryBytes,
		MaxStackSize:       with.stackBytes,
		MaxExecutionTime:   int(with.time.Milliseconds()),
	})
	if err != nil {
		cancel()
		return nil, err
	}
	return &vm{runtime: made, cancel: cancel, time: with.time}, nil
}

// guarded turns the panics of the package, which it has for traps, into errors.
func guarded(action func() error) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	return action()
}

func (v *vm) eval(source string) (result string, err error) {
	timer := time.AfterFunc(v.time, v.cancel)
	defer timer.Stop()
	err = guarded(func() error {
		value, err := v.runtime.Eval("eval.js", qjs.Code(source))
		if err != nil {
			return err
		}
		result = value.String()
		value.Free()
		return nil
	})
	return result, err
}

func (v *vm) addHost() {
	v.runtime.Context().SetFunc("host", func(this *qjs.This) (*qjs.Value, error) {
		x := this.Args()[0].Float64()
		return this.Context().NewFloat64(x + 1), nil
	})
}

func (v *vm) callRepeatedly(source string, calls int) (x float64, err error) {
	err = guarded(func() error {
		context := v.runtime.Context()
		function, err := v.runtime.Eval("eval.js", qjs.Code(source))
		if err != nil {
			return err
		}
		defer function.Free()
		this := context.NewUndefined()
		for i := 0; i < calls; i++ {
			argument := context.NewFloat64(x)
			value, err := context.Invoke(function, this, argument)
			if err != nil {
				return err
			}
			x = value.Float64()
			value.Free()
			argument.Free()
		}
		return nil
	})
	return x, err
}

func (v *vm) usable() bool {
	result, err := v.eval("1 + 1")
	return err == nil && result == "2"
}

func (v *vm) drop() {
	v.runtime.Close()
	v.cancel()
}

func version() string {
	build, _ := debug.ReadBuildInfo()
	for _, module := range build.Deps {
		if module.Path == "github.com/fastschema/qjs" {
			return module.Version
		}
	}
	return "unknown"
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, `usage: peer '{"task": "create", "samples": 100}'`)
		os.Exit(2)
	}
	var asked request
	err := json.Unmarshal([]byte(os.Args[1]), &asked)
	if err == nil {
		var result answer
		if result, err = do(asked); err == nil {
			tell(result)
			return
		}
	}
	tell(answer{"failed": err.Error()})
	os.Exit(1)
}

func info() (answer, error) {
	return answer{"versions": map[string]string{"fastschema/qjs": version(), "go": runtime.Version()}}, nil
}
