"""Says in French, in a few words, what the operating system refused."""

import errno

_WORDS = {
    errno.ENOENT: "fichier ou dossier absent",
    errno.EACCES: "accès refusé",
    errno.EPERM: "accès refusé",
    errno.EROFS: "disque protégé contre l’écriture",
    errno.ENOSPC: "plus de place sur le disque",
    errno.EDQUOT: "plus de place sur le disque",
    errno.EFBIG: "fichier trop gros pour ce disque",
    errno.EIO: "le disque ne répond pas comme il doit",
    errno.EISDIR: "c’est un dossier",
    errno.ENOTDIR: "une partie du chemin n’est pas un dossier",
    errno.EEXIST: "ce nom est déjà pris",
    errno.ENAMETOOLONG: "nom trop long",
    errno.ELOOP: "liens sans fin",
    errno.EBUSY: "occupé par un autre programme",
    errno.EMFILE: "trop de fichiers ouverts",
    errno.ENFILE: "trop de fichiers ouverts",
    errno.EINVAL: "nom que le système ne prend pas",
    errno.EADDRINUSE: "adresse déjà prise",
    errno.EADDRNOTAVAIL: "cette adresse n’est pas à cette machine",
}


def reason(error: OSError) -> str:
    """``accès refusé``: for the end of a sentence, or in brackets. The system itself says it in its own language."""
    if error.errno is None:
        return "erreur du système"
    return _WORDS.get(error.errno) or f"erreur {error.errno} du système"
