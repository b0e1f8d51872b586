// Stack switching for x86-64, System V calling convention. See activation.h for the contracts.
//
// Offsets into struct Activation, asserted in activation.h:
#define HOST_SP 0
#define GUEST_SP 8
#define IN_GUEST 16
#define MUST_UNWIND 24

        .text

// uint32_t sandglass_enter(Activation* rdi, void (*rsi)(void*), void* rdx, void* rcx)
        .globl  sandglass_enter
        .hidden sandglass_enter
        .type   sandglass_enter, @function
        .p2align 4
sandglass_enter:
        .cfi_startproc
        endbr64
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
        pushq   %rbx
        .cfi_offset %rbx, -24
        pushq   %r12
        .cfi_offset %r12, -32
        pushq   %r13
        .cfi_offset %r13, -40
        pushq   %r14
        .cfi_offset %r14, -48
        pushq   %r15
        .cfi_offset %r15, -56
        subq    $8, %rsp                        // host functions start here: keep it 16-aligned
        movq    %rsp, HOST_SP(%rdi)
        movq    %rdi, %rbx
        // From here on a signal may end this activation: everything it restores is in place. A kill
        // that came earlier found in_guest clear, and is seen by the load that follows the store.
        movl    $1, IN_GUEST(%rdi)
        movq    MUST_UNWIND(%rdi), %rax
        movl    (%rax), %eax
        testl   %eax, %eax
        jne     .Lleave
        movq    %rcx, %rsp
        movq    %rdx, %rdi
        callq   *%rsi
        xorl    %eax, %eax
.Lleave:
        // in_guest is cleared before the frame below host_sp is given up.
        movl    $0, IN_GUEST(%rbx)
        movq    HOST_SP(%rbx), %rsp
        addq    $8, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        .cfi_def_cfa %rsp, 8
        retq
        .cfi_endproc
        .size   sandglass_enter, .-sandglass_enter

// void sandglass_unwind(Activation* rdi, uint32_t esi), does not return to its caller
        .globl  sandglass_unwind
        .hidden sandglass_unwind
        .type   sandglass_unwind, @function
        .p2align 4
sandglass_unwind:
        .cfi_startproc
        endbr64
        .cfi_undefined %rip
        cld
        movq    %rdi, %rbx
        movl    %esi, %eax
        jmp     .Lleave
        .cfi_endproc
        .size   sandglass_unwind, .-sandglass_unwind

// void sandglass_call_on_host(Activation* rdi, void (*rsi)(void*), void* rdx)
        .globl  sandglass_call_on_host
        .hidden sandglass_call_on_host
        .type   sandglass_call_on_host, @function
        .p2align 4
sandglass_call_on_host:
        .cfi_startproc
        endbr64
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
        pushq   %rbx
        .cfi_offset %rbx, -24
        subq    $8, %rsp
        movq    %rdi, %rbx
        movq    %rsp, GUEST_SP(%rbx)
        // Nothing touches the guest's stack between this store and the switch: an overflow of it is
        // always met with in_guest set.
        movl    $0, IN_GUEST(%rbx)
        movq    HOST_SP(%rbx), %rsp
        movq    %rdx, %rdi
        callq   *%rsi
        leaq    -16(%rbp), %rsp
        movl    $1, IN_GUEST(%rbx)
        movq    MUST_UNWIND(%rbx), %rax
        movl    (%rax), %eax
        testl   %eax, %eax
        jne     .Lleave                         // ends the whole activation
        addq    $8, %rsp
        popq    %rbx
        popq    %rbp
        .cfi_def_cfa %rsp, 8
        retq
        .cfi_endproc
        .size   sandglass_call_on_host, .-sandglass_call_on_host

        .section .note.GNU-stack, "", @progbits
