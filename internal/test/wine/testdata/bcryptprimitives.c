// What Go wants from Windows and Wine 8 has not. Go's runtime loads a DLL of this name when a program starts.
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <winternl.h>

BOOLEAN NTAPI SystemFunction036(void *, ULONG); // RtlGenRandom: advapi32 exports it under this name alone

__declspec(dllexport) BOOL WINAPI ProcessPrng(BYTE *data, SIZE_T size) { return SystemFunction036(data, size); }

// A kind of information that it does not know Windows calls INVALID_INFO_CLASS, upon which os.RemoveAll deletes in the
// older way. Wine calls it NOT_IMPLEMENTED, upon which os.RemoveAll fails, and with it each test that calls t.TempDir.
typedef NTSTATUS(NTAPI *set_information)(HANDLE, IO_STATUS_BLOCK *, void *, ULONG, int);
static set_information wines;

static NTSTATUS NTAPI as_windows_says_it(HANDLE file, IO_STATUS_BLOCK *status, void *data, ULONG size, int class) {
  NTSTATUS result = wines(file, status, data, size, class);
  return result == (NTSTATUS)0xC0000002 ? (NTSTATUS)0xC0000003 : result;
}

// Wine's NtSetInformationFile is a system call in 32 bytes that work wherever they lie: they are copied, and in their
// place comes mov rax, as_windows_says_it; jmp rax.
BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, void *reserved) {
  if (reason != DLL_PROCESS_ATTACH) return TRUE;
  BYTE *code = (BYTE *)GetProcAddress(GetModuleHandleA("ntdll"), "NtSetInformationFile");
  BYTE *copy = VirtualAlloc(NULL, 32, MEM_COMMIT, PAGE_EXECUTE_READWRITE);
  set_information ours = as_windows_says_it;
  DWORD protection;
  memcpy(copy, code, 32);
  wines = (set_information)copy;
  VirtualProtect(code, 12, PAGE_EXECUTE_READWRITE, &protection);
  memcpy(code, "\x48\xb8", 2);
  memcpy(code + 2, &ours, 8);
  memcpy(code + 10, "\xff\xe0", 2);
  VirtualProtect(code, 12, protection, &protection);
  return TRUE;
}
