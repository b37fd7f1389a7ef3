import { ToolError } from '../../tool-error.ts'

const words: Readonly<Record<string, readonly [code: string, text: string]>> = {
  ENOENT: ['not_found', 'There is no such file or folder. Read the folder "." to see what there is.'],
  ENOTDIR: ['not_a_folder', 'A part of the path is a file or a symbolic link, not a folder.'],
  EISDIR: ['is_a_folder', 'There is a folder of this name.'],
  EEXIST: ['is_a_folder', 'There is something else of this name.'],
  ELOOP: ['is_a_link', 'This is a symbolic link; those are not followed.'],
  ENXIO: ['not_a_file', 'This is neither a file nor a folder.'],
  ENAMETOOLONG: ['path_invalid', 'The path is too long.'],
  EACCES: ['not_permitted', 'The rights of this file do not permit that.'],
  EPERM: ['not_permitted', 'The rights of this file do not permit that.'],
  ENOSPC: ['no_space', 'The disk of this machine is full. Nothing was written.'],
  EROFS: ['no_space', 'The disk of this machine cannot be written to.'],
}

/** Failures of the file system in words; they would tell the machine's own paths. */
export async function explained<T>(act: Promise<T>): Promise<T> {
  try {
    return await act
  } catch (error) {
    const told = words[(error as NodeJS.ErrnoException).code ?? '']
    throw told === undefined || error instanceof ToolError ? error : new ToolError(told[0], told[1], { cause: error })
  }
}
